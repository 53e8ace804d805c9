import NIOCore
import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Reports to senders")
struct ReporterTests {
    private static let later = RouteOutcome.deferred(DeliveryFailure(code: "4.2.0", reason: "later"))
    private static let never = RouteOutcome.failed(DeliveryFailure(code: "5.1.1", reason: "no"))
    private static let said = DeliveryReport.RemoteReply(text: "250 ok", host: "mx.example.net")

    private func reporter(warning: Duration? = .seconds(100)) throws -> Reporter {
        Reporter(
            hostname: try #require(Domain("mail.example.org")),
            schedule: RetrySchedule(retry: [.seconds(60)], lifetime: .seconds(1_000), warning: warning))
    }

    private func conclude(
        _ claim: Claim, _ outcomes: [RouteOutcome], age: Int64 = 0,
        body: DeliveryBody = DeliveryBody("Subject: x\r\n\r\nbody\r\n"),
        warning: Duration? = .seconds(100)
    ) async throws -> Reporter.Conclusion {
        let moments = Reporter.Moments(now: .after(age), wall: .after(age), age: .seconds(age))
        return try await reporter(warning: warning).conclude(claim, outcomes, at: moments, body: body)
    }

    private func text(_ message: NewMessage) throws -> String {
        guard case .inline(let octets) = message.body else {
            Issue.record("a report in a file")
            return ""
        }
        return String(buffer: octets)
    }

    /// What was asked, what came, and the action that is told.
    typealias Row = (notify: String?, outcome: RouteOutcome, age: Int64, action: String?)

    /// RFC 3461 §5.2.
    private static let table: [Row] = [
        // §5.2.6, SUB-200
        (nil, never, 0, "failed"), ("FAILURE", never, 0, "failed"), ("SUCCESS,FAILURE,DELAY", never, 0, "failed"),
        ("NEVER", never, 0, nil), ("SUCCESS", never, 0, nil), ("DELAY", never, 0, nil),
        ("SUCCESS,DELAY", never, 0, nil),
        // Expired, likewise
        (nil, later, 1_000, "failed"), ("FAILURE", later, 1_000, "failed"), ("NEVER", later, 1_000, nil),
        ("DELAY", later, 1_000, nil),
        // §5.2.5, SUB-202
        (nil, later, 100, "delayed"), ("DELAY", later, 100, "delayed"), ("FAILURE,DELAY", later, 999, "delayed"),
        (nil, later, 99, nil), ("DELAY", later, 99, nil), ("NEVER", later, 100, nil), ("FAILURE", later, 100, nil),
        ("SUCCESS,FAILURE", later, 100, nil),
        // §5.2.3: delivered here, or by LMTP
        ("SUCCESS", .delivered(to: "x"), 0, "delivered"),
        ("SUCCESS,DELAY", .delivered(to: "x", .final(said)), 0, "delivered"),
        (nil, .delivered(to: "x"), 0, nil), ("FAILURE,DELAY", .delivered(to: "x"), 500, nil),
        ("NEVER", .delivered(to: "x"), 0, nil),
        // §5.2.2, SUB-201: passed on to a server without DSN
        ("SUCCESS", .delivered(to: "x", .relayed(said)), 0, "relayed"),
        (nil, .delivered(to: "x", .relayed(said)), 0, nil),
        ("FAILURE", .delivered(to: "x", .relayed(said)), 0, nil),
        ("NEVER", .delivered(to: "x", .relayed(said)), 0, nil),
        // §5.2.1: and to one that reports itself
        ("SUCCESS", .delivered(to: "x", .passedOn), 0, nil), (nil, .delivered(to: "x", .passedOn), 0, nil),
    ]

    @Test("SUB-200, SUB-201, SUB-202: of what a sender is told", arguments: table)
    func rows(_ row: Row) async throws {
        let notify = row.notify.flatMap { Notify($0.utf8) }
        let told = try await conclude(.sample(0, notify: notify), [row.outcome], age: row.age)
        #expect(told.reports.count == (row.action == nil ? 0 : 1))
        if let action = row.action, let report = told.reports.first {
            #expect(try text(report).contains("\r\nAction: \(action)\r\n"))
            #expect(report.envelope.reversePath == .null)
            // SUB-203: NOTIFY=NEVER and no RET.
            #expect(
                report.envelope.recipients == [Recipient(try #require(Mailbox("alice@example.org")), notify: .never)])
            #expect(report.envelope.returnedContent == nil && report.envelope.id == nil)
        }
        // E2: nobody is told of what the null reverse-path has sent, whatever it asks for.
        let silent = try await conclude(.sample(0, from: nil, notify: notify), [row.outcome], age: row.age)
        #expect(silent.reports.isEmpty)
    }

    @Test("what is told is settled with it: warned once, failed with its report, dropped without one")
    func settlements() async throws {
        let delayed = try await conclude(.sample(0), [Self.later], age: 100)
        #expect(delayed.outcomes.map(\.settlement) == [.warned(until: .after(160), reason: "4.2.0 later")])
        let warned = Claim(
            message: Claim.sample(0).message,
            recipients: Claim.sample(0).recipients.map {
                ClaimedRecipient($0.recipient, position: 0, attempt: 2, isWarned: true)
            }, token: ClaimToken(rawValue: 0, bodyIsFiled: false))
        let again = try await conclude(warned, [Self.later], age: 500)
        #expect(again.reports.isEmpty)
        #expect(again.outcomes.map(\.settlement) == [.deferred(until: .after(560), reason: "4.2.0 later")])
        let off = try await conclude(.sample(0), [Self.later], age: 900, warning: nil)
        #expect(off.reports.isEmpty)
        let failed = try await conclude(.sample(0), [Self.never])
        #expect(failed.outcomes.map(\.settlement) == [.failed(reason: "5.1.1 no")])
        let unwanted = try await conclude(.sample(0, notify: .never), [Self.never])
        #expect(unwanted.outcomes.map(\.settlement) == [.dropped])
    }

    @Test("one report tells of all recipients of a claim, the failed first; each event names it")
    func mixed() async throws {
        let claim = Claim.sample(0, to: ["a@example.net", "b@example.net", "c@example.net"])
        let told = try await conclude(claim, [Self.later, .delivered(to: "x"), Self.never], age: 100)
        let report = try #require(told.reports.first)
        #expect(told.reports.count == 1)
        let text = try text(report)
        #expect(text.contains("\r\nSubject: Your message could not be delivered\r\n"))
        let failed = try #require(text.firstRange(of: "Action: failed"))
        let delayed = try #require(text.firstRange(of: "Action: delayed"))
        #expect(failed.lowerBound < delayed.lowerBound)
        #expect(!text.contains("b@example.net"))
        guard case .deferred(_, _, report: report.id) = told.outcomes[0],
            case .failed(_, report: report.id) = told.outcomes[2]
        else {
            Issue.record("\(told.outcomes)")
            return
        }
        #expect(told.outcomes[1] == .delivered(to: "x"))
    }

    private func claim(
        returning content: ReturnedContent?, to recipients: [String] = ["a@example.net"], notify: Notify? = nil
    )
        -> Claim
    {
        let sample = Claim.sample(0, to: recipients, notify: notify)
        let message = QueuedMessage(
            id: sample.message.id, reversePath: sample.message.reversePath, bodyType: .sevenBit, length: 0,
            received: sample.message.received, account: "alice", authentication: "", returnedContent: content)
        return Claim(message: message, recipients: sample.recipients, token: sample.token)
    }

    @Test("RET: the whole comes back with a failure alone, if it is small; else the header, and without a word too")
    func returned() async throws {
        let success = Notify("SUCCESS,FAILURE".utf8)
        let cases: [(ReturnedContent?, RouteOutcome, Bool)] = [
            (.whole, Self.never, true), (.header, Self.never, false), (nil, Self.never, false),
            (.whole, .delivered(to: "x"), false), (.whole, Self.later, false),
        ]
        for (content, outcome, isWhole) in cases {
            let told = try await conclude(
                claim(returning: content, notify: outcome == Self.later ? nil : success), [outcome], age: 100)
            let text = try text(try #require(told.reports.first))
            #expect(text.contains("\r\nContent-Type: message/rfc822\r\n") == isWhole)
            #expect(text.contains("\r\nContent-Type: text/rfc822-headers\r\n") != isWhole)
            #expect(text.contains("\r\n\r\nbody\r\n") == isWhole)
        }
        for large in [String(repeating: "x\r\n", count: 30_000), "Grüße\r\n"] {
            let body = DeliveryBody("Subject: x\r\n\r\n" + large)
            let told = try await conclude(claim(returning: .whole), [Self.never], body: body)
            let text = try text(try #require(told.reports.first))
            #expect(text.contains("\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n\r\n--"))
        }
        let lost = DeliveryBody { () throws(QueueError) in throw .claimLost(.sample(1)) }
        let told = try await conclude(claim(returning: .whole), [Self.never], body: lost)
        #expect(try !text(try #require(told.reports.first)).contains("rfc822-headers"))
    }

    @Test(
        "thousands of recipients with long words are told in several reports, each small enough for a row, all of them once"
    )
    func large() async throws {
        let recipients = (1...2_000).map { "\(String(repeating: "r", count: 50))\($0)@example.net" }
        let header = "X: " + String(repeating: "ä", count: 450) + "\r\n"
        let body = DeliveryBody(String(repeating: header, count: 100) + "\r\n")
        for reason in ["no", String(repeating: "word ", count: 400)] {
            let outcomes = recipients.indices.map { index in
                RouteOutcome.failed(
                    DeliveryFailure(
                        code: "5.1.1", reason: "\(index) \(reason)",
                        reply: DeliveryReport.RemoteReply(text: "550 \(reason)", host: "mx.example.net")))
            }
            let told = try await conclude(claim(returning: .whole, to: recipients), outcomes, body: body)
            #expect(told.reports.count > 1)
            #expect(Set(told.reports.map(\.id)).count == told.reports.count)
            for report in told.reports { #expect(report.body.length <= MessageBody.inlineLimit) }
            let all = try told.reports.map(text).joined()
            #expect(all.ranges(of: "Final-Recipient: ").count == recipients.count)
            let named = told.outcomes.compactMap { outcome -> QueueID? in
                if case .failed(_, let report) = outcome { report } else { nil }
            }
            #expect(named.count == recipients.count)
            #expect(Set(named) == Set(told.reports.map(\.id)))
        }
    }
}
