import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Route discard")
struct DiscardRouteTests {
    @Test("does what every route must do")
    func conforms() async throws {
        try await RouteConformance.check { DiscardRoute() }
    }

    @Test("delivers without asking for the body")
    func body() async {
        let body = DeliveryBody { () throws(QueueError) in
            Issue.record("the body was fetched")
            throw .claimLost(.sample(1))
        }
        #expect(await DiscardRoute().deliver(.sample(1), body: body) == [.delivered(to: "nowhere")])
    }
}
