import PosternMail
import PosternQueue
import PosternSMTP
import Testing

@testable import PosternAdmin
@testable import PosternDelivery
@testable import postern

@Suite("What a process counts")
struct ProcessMetricsTests {
    private let metrics = ProcessMetrics(listeners: ["submission"], now: { .testNow })

    /// The samples of a metric that are not zero, by their labels.
    private func counted(_ name: String) async throws -> [String: Double] {
        let family = try #require(metrics.families.first { $0.name == name })
        var found: [String: Double] = [:]
        for line in await MetricsRegistry([family]).exposition().split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            if let value = Double(words[1]), value != 0 { found[String(words[0].dropFirst(name.count))] = value }
        }
        return found
    }

    @Test("a reply is counted by its command and code; what answers none, and a code of nowhere, have places too")
    func commands() async throws {
        metrics.record(220, to: nil)
        for _ in 1...2 { metrics.record(250, to: .mail) }
        metrics.record(354, to: .data)
        metrics.record(299, to: .quit)
        let counted = try await counted("postern_commands_total")
        #expect(
            counted == [
                #"{verb="none",code="220"}"#: 1, #"{verb="MAIL",code="250"}"#: 2, #"{verb="DATA",code="354"}"#: 1,
                #"{verb="QUIT",code="other"}"#: 1,
            ])
    }

    @Test("every code of docs/replies.md has a place of its own")
    func codes() throws {
        let page = try RepliesPageTests.contents("docs/replies.md")
        let codes = Set(page.matches(of: /\| `?(\d{3})[ `]/).compactMap { Int($0.1) })
        #expect(codes.count > 20)
        #expect(codes == Set(ReplyLabels.codes))
    }

    @Test(
        "R6: an attempt whose end is not known is counted as such, deferred or given up; a report by what it tells of")
    func relay() async throws {
        let lost = DeliveryFailure(code: "4.4.2", reason: "lost", isUncertain: true)
        let refused = DeliveryFailure(code: "5.1.1", reason: "no")
        let message = QueuedMessage(
            id: QueueID(time: .testNow, random: 1), reversePath: .null, bodyType: .sevenBit, length: 1,
            received: .testNow, account: "alice", authentication: "password")
        for outcome: DeliveryEvent.Outcome in [
            .deferred(until: .testNow, lost), .failed(lost, report: nil), .failed(refused, report: nil),
            .delivered(to: "x"),
        ] {
            metrics.record(
                DeliveryEvent(
                    message: message, recipient: try #require(Mailbox("bob@example.net")), attempt: 1, route: "smtp",
                    outcome: outcome))
        }
        #expect(try await counted("postern_relay_uncertain_total") == ["": 2])
        for kind: ReportKind in [.failure, .delay, .delay] { metrics.record(.reported(kind)) }
        let reports = try await counted("postern_dsn_sent_total")
        #expect(reports == [#"{type="failure"}"#: 1, #"{type="delay"}"#: 2])
    }
}
