import NIOCore
import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

/// What every route must do, whatever its next hop is. A route's tests call `check` with a way to make one.
struct RouteConformance {
    static func check(_ make: () throws -> any Route) async throws {
        try await answersEachRecipient(try make())
        try await takesTheSameAgain(try make())
        try await takesLargeAndEmptyBodies(try make())
    }

    /// One outcome for each recipient, and each was reached.
    private static func answersEachRecipient(_ route: any Route) async throws {
        let claim = Claim.sample(1, to: ["a@example.net", "b@example.net", #""c c"@[192.0.2.1]"#])
        let outcomes = await route.deliver(claim, body: DeliveryBody("Subject: x\r\n\r\nHello\r\n"))
        #expect(outcomes.count == 3)
        for outcome in outcomes { #expect(outcome.isDelivered) }
    }

    /// After a crash between delivery and settlement the attempt is made again, and succeeds.
    private static func takesTheSameAgain(_ route: any Route) async throws {
        for attempt in 1...3 {
            let claim = Claim.sample(2, attempt: attempt)
            let outcomes = await route.deliver(claim, body: DeliveryBody("Subject: x\r\n\r\nHello\r\n"))
            #expect(outcomes.map(\.isDelivered) == [true])
        }
    }

    private static func takesLargeAndEmptyBodies(_ route: any Route) async throws {
        let large = String(repeating: "0123456789abcdef\r\n", count: 100_000)
        for (number, text) in [large, ""].enumerated() {
            let outcomes = await route.deliver(.sample(3 + number, from: nil), body: DeliveryBody(text))
            #expect(outcomes.map(\.isDelivered) == [true])
        }
    }
}

extension RouteOutcome {
    var isDelivered: Bool {
        if case .delivered = self { true } else { false }
    }
}
