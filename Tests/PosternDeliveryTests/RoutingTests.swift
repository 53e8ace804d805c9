import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Routing")
struct RoutingTests {
    private static func way(_ name: String) -> Routing.Way {
        Routing.Way(to: Destination(name: name, limit: 20), by: DiscardRoute())
    }

    private static func domains(_ names: String...) -> Set<Domain> { Set(names.compactMap { Domain($0) }) }

    private let routing = Routing(
        [
            Routing.Rule(senders: domains("a.example"), recipients: domains("b.example"), way: way("both")),
            Routing.Rule(senders: domains("A.EXAMPLE", "c.example"), way: way("senders")),
            Routing.Rule(recipients: domains("b.example"), way: way("recipients")),
            Routing.Rule(recipients: domains("d.example"), way: way("both")),
        ], otherwise: way("otherwise"))

    private func destinations(from sender: String?, to recipients: String...) -> [String: [String]] {
        let consignments = routing.consignments(of: .sample(1, to: recipients, from: sender))
        return Dictionary(
            uniqueKeysWithValues: consignments.map {
                ($0.destination.name, $0.claim.recipients.map(\.mailbox.localPart))
            })
    }

    @Test("the first rule that fits counts, and what fits none goes where all else goes")
    func firstMatch() {
        #expect(destinations(from: "x@a.example", to: "1@b.example") == ["both": ["1"]])
        #expect(destinations(from: "x@a.example", to: "1@z.example") == ["senders": ["1"]])
        #expect(destinations(from: "x@c.example", to: "1@b.example") == ["senders": ["1"]])
        #expect(destinations(from: "x@z.example", to: "1@B.Example") == ["recipients": ["1"]])
        #expect(destinations(from: "x@z.example", to: "1@z.example") == ["otherwise": ["1"]])
    }

    @Test("a report has no sender, and an address literal is in no domain")
    func withoutDomain() {
        #expect(destinations(from: nil, to: "1@b.example") == ["recipients": ["1"]])
        #expect(destinations(from: nil, to: "1@z.example") == ["otherwise": ["1"]])
        #expect(destinations(from: "x@[192.0.2.1]", to: "1@[192.0.2.2]") == ["otherwise": ["1"]])
    }

    @Test("SUB-183: the recipients of one message that go to one place stay together, whichever rule sends them there")
    func parts() {
        #expect(
            destinations(from: "x@z.example", to: "1@b.example", "2@z.example", "3@d.example", "4@b.example")
                == ["recipients": ["1", "4"], "otherwise": ["2"], "both": ["3"]])
        let claim = Claim.sample(1, to: ["1@z.example", "2@y.example"])
        #expect(routing.consignments(of: claim).map(\.claim) == [claim], "not taken apart")
    }

    @Test(
        "SUB-183: more than 100 recipients are settled in parts, each on its own, so that a crash doubles no other part"
    )
    func manyRecipients() {
        let recipients = (0..<250).map { "\($0)@\($0 % 5 == 0 ? "b" : "z").example" }
        let parts = routing.consignments(of: .sample(1, to: recipients))
        #expect(parts.map(\.destination.name) == ["recipients", "otherwise", "otherwise"])
        #expect(parts.map(\.claim.recipients.count) == [50, 100, 100])
        let inOrder = parts.filter { $0.destination.name == "otherwise" }.flatMap(\.claim.recipients)
        #expect(inOrder.map(\.mailbox.localPart) == (0..<250).filter { $0 % 5 != 0 }.map(String.init))
        let one = Claim.sample(1, to: (0..<100).map { "\($0)@z.example" })
        #expect(routing.consignments(of: one).map(\.claim) == [one])
        let more = Claim.sample(1, to: (0..<101).map { "\($0)@z.example" })
        #expect(routing.consignments(of: more).map(\.claim.recipients.count) == [100, 1])
    }

    @Test("each destination counts once")
    func all() {
        #expect(routing.destinations.map(\.name) == ["both", "senders", "recipients", "otherwise"])
        #expect(routing.route(to: Destination(name: "other", limit: 20)) == nil)
    }
}
