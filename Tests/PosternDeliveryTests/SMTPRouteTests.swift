import NIOCore
import PosternClient
import PosternConnection
import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Route smtp")
struct SMTPRouteTests {
    private let text = "Subject: y\r\n\r\nHello\r\n.dot\r\n"

    private func outcomes(
        _ replies: ScriptedNextHop.Replies, to recipients: [String] = ["bob@example.net"], text: String? = nil,
        dialect: ClientSettings.Dialect = .smtp, tls: ClientTLS = .none
    ) async throws -> (outcomes: [RouteOutcome], received: String, port: Int) {
        let hop = try await ScriptedNextHop(replies)
        let route = SMTPRoute(to: try hop.client(dialect: dialect, tls: tls))
        let outcomes = await route.deliver(.sample(1, to: recipients), body: DeliveryBody(text ?? self.text))
        try await hop.stop()
        return (outcomes, hop.received, hop.port)
    }

    @Test("does what every route must do")
    func conforms() async throws {
        let hop = try await ScriptedNextHop()
        try await RouteConformance.check { SMTPRoute(to: try hop.client()) }
        try await hop.stop()
    }

    @Test("SUB-183: the next hop gets one transaction with all recipients, and the content as it is")
    func octets() async throws {
        let (outcomes, received, port) = try await outcomes(
            .init(), to: ["bob@example.net", "eve@example.net"])
        #expect(
            received.utf8.elementsEqual(
                """
                EHLO mail.example.org\r
                MAIL FROM:<alice@example.org> SIZE=\(text.utf8.count)\r
                RCPT TO:<bob@example.net>\r
                RCPT TO:<eve@example.net>\r
                DATA\r
                Subject: y\r
                \r
                Hello\r
                ..dot\r
                .\r

                """.utf8))
        let reply = DeliveryReport.RemoteReply(text: "250 2.0.0 queued as 7", host: "[127.0.0.1]")
        #expect(
            outcomes == [
                .delivered(to: "127.0.0.1:\(port) (250 2.0.0 queued as 7)", .relayed(reply)), outcomes[0],
            ])
    }

    @Test("one recipient of two is refused, and only that one fails")
    func oneRefused() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.recipients = ["RCPT TO:<eve@example.net>": "550 5.1.1 no such user"]
        let (outcomes, _, port) = try await outcomes(replies, to: ["eve@example.net", "bob@example.net"])
        let reason = "127.0.0.1:\(port): RCPT was answered 550 5.1.1 no such user"
        let reply = DeliveryReport.RemoteReply(text: "550 5.1.1 no such user", host: "[127.0.0.1]")
        #expect(outcomes.first == .failed(DeliveryFailure(code: "5.1.1", reason: reason, reply: reply)))
        #expect(outcomes.last?.isDelivered == true)
    }

    @Test("R6: a next hop that closes after the end of data: deferred, and the log says that it may come twice")
    func uncertain() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.final = [nil]
        let outcome = try await outcomes(replies).outcomes.first
        #expect(outcome?.failure?.code == "4.4.2")
        #expect(outcome?.failure?.reason.hasSuffix("which can then come twice") == true)
        #expect(outcome?.failure?.isUncertain == true)
        #expect(outcome?.failure?.concernsNextHop == false, "it is not given to another next hop at once")
    }

    @Test("nobody listens there: deferred, with the address that was tried")
    func nobody() async throws {
        let hop = try await ScriptedNextHop()
        try await hop.stop()
        let outcomes = await SMTPRoute(to: try hop.client()).deliver(.sample(1), body: DeliveryBody(text))
        guard case .deferred(let failure)? = outcomes.first else {
            Issue.record("not deferred: \(outcomes)")
            return
        }
        #expect(failure.code == "4.4.1")
        #expect(failure.reason.contains("127.0.0.1:\(hop.port)"))
        #expect(failure.reason.contains("refused"))
    }

    @Test("a next hop that says nothing is left after the time for its greeting")
    func silence() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.isSilent = true
        let hop = try await ScriptedNextHop(replies)
        var timeouts = ClientTimeouts()
        timeouts.greeting = .milliseconds(50)
        let outcomes = await SMTPRoute(to: try hop.client(timeouts: timeouts))
            .deliver(.sample(1), body: DeliveryBody(text))
        #expect(outcomes.first?.failure?.code == "4.4.2")
        #expect(outcomes.first?.failure?.reason.contains("greeting: no answer within") == true)
        try await hop.stop()
    }

    @Test("a connection carries the next message too; one that was closed meanwhile costs nothing but another")
    func reuse() async throws {
        let hop = try await ScriptedNextHop()
        let route = SMTPRoute(to: try hop.client())
        for number in 1...3 {
            #expect(await route.deliver(.sample(number), body: DeliveryBody(text)).map(\.isDelivered) == [true])
        }
        #expect(hop.connections == 1)
        #expect(hop.received.ranges(of: "MAIL").count == 3)
        try await hop.stop()

        var replies = ScriptedNextHop.Replies()
        replies.closesAtSecondMail = true
        let closing = try await ScriptedNextHop(replies)
        let other = SMTPRoute(to: try closing.client())
        for number in 1...3 {
            #expect(await other.deliver(.sample(number), body: DeliveryBody(text)).map(\.isDelivered) == [true])
        }
        #expect(closing.connections == 3)
        try await closing.stop()
    }

    @Test("a cancelled task waits no longer for the next hop")
    func cancelled() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.isSilent = true
        let hop = try await ScriptedNextHop(replies)
        let route = SMTPRoute(to: try hop.client())
        let text = text
        let delivery = Task { await route.deliver(.sample(1), body: DeliveryBody(text)) }
        while hop.connections == 0 { await Task.yield() }
        delivery.cancel()
        let failure = await delivery.value.first?.failure
        #expect(failure?.code == "4.4.2")
        #expect(failure?.reason.hasSuffix("since the process is stopping") == true)
        try await hop.stop()
    }

    @Test("a connection that nobody answers is given up when the process stops or the task ends; that is no attempt")
    func givenUp() async throws {
        let hanging = try HangingListener()
        let text = text
        for stops in [true, false] {
            let client = try NextHopClient(
                .host("127.0.0.1", port: hanging.port), ClientSettings(hostname: "mail.example.org", tls: .none))
            let delivery = Task { await SMTPRoute(to: client).deliver(.sample(1), body: DeliveryBody(text)) }
            if stops { client.giveUpConnecting() } else { delivery.cancel() }
            let reason = "127.0.0.1:\(hanging.port): no connection: given up, since the process is stopping"
            #expect(await delivery.value == [.postponed(DeliveryFailure(code: "4.4.1", reason: reason), for: .zero)])
        }
    }

    @Test("SUB-188: 8-bit content is told as such even where the client did not, and is not sent to who cannot take it")
    func eightBit() async throws {
        let text = "Subject: x\r\n\r\nGrüße\r\n"
        let told = try await outcomes(.init(), text: text)
        #expect(told.received.contains(" BODY=8BITMIME\r\n"))
        var replies = ScriptedNextHop.Replies()
        replies.hello = "250 sink"
        let refused = try await outcomes(replies, text: text)
        #expect(refused.outcomes.first?.failure?.code == "5.6.3")
        #expect(!refused.received.contains("MAIL"))
        let sevenBit = try await outcomes(replies, text: "Subject: x\r\n\r\nGruesse\r\n")
        #expect(sevenBit.outcomes.map(\.isDelivered) == [true])
    }

    @Test("LMTP: each recipient has its own answer")
    func lmtp() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.final = ["250 2.0.0 a", "452 4.2.2 full"]
        let result = try await outcomes(
            replies, to: ["a@example.net", "b@example.net"], dialect: .lmtp)
        #expect(result.received.hasPrefix("LHLO mail.example.org"))
        #expect(result.outcomes.map(\.isDelivered) == [true, false])
        #expect(result.outcomes.last?.failure?.code == "4.2.2")
    }

    @Test("SUB-183: more than 100 recipients are several transactions")
    func manyRecipients() async throws {
        let recipients = (1...201).map { "r\($0)@example.net" }
        let result = try await outcomes(.init(), to: recipients)
        #expect(result.outcomes.count == 201)
        #expect(result.outcomes.filter(\.isDelivered).count == 201)
        #expect(result.received.ranges(of: "DATA").count == 3)
        #expect(result.received.ranges(of: "EHLO").count == 1)
    }

    @Test("SUB-183, RFC 9422: the recipients that the next hop does not take at once come in further transactions")
    func limits() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.hello = "250-sink\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=2"
        let result = try await outcomes(replies, to: (1...5).map { "r\($0)@example.net" })
        #expect(result.outcomes.map(\.isDelivered) == [true, true, true, true, true])
        #expect(result.received.ranges(of: "DATA").count == 3)
        #expect(result.received.ranges(of: "EHLO").count == 1)
        replies.hello = "250-sink\r\n250 LIMITS MAILMAX=1 RCPTMAX=3"
        let two = try await outcomes(replies, to: (1...5).map { "r\($0)@example.net" })
        #expect(two.outcomes.map(\.isDelivered) == [true, true, true, true, true])
        #expect(two.received.ranges(of: "EHLO").count == 2, "a connection for each transaction")
    }

    @Test("a next hop that is not there is tried once, however many transactions there were to be")
    func manyToNobody() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.greeting = "421 4.3.2 not now"
        let hop = try await ScriptedNextHop(replies)
        let recipients = (1...301).map { "r\($0)@example.net" }
        let outcomes = await SMTPRoute(to: try hop.client()).deliver(
            .sample(1, to: recipients), body: DeliveryBody(text))
        #expect(outcomes.count == 301)
        #expect(outcomes.allSatisfy { $0.failure?.code == "4.3.2" && $0.failure?.concernsNextHop == true })
        #expect(hop.connections == 1)
        try await hop.stop()
    }

    @Test("RFC 7435: where TLS does not come about, may goes on in clear over a new connection; verify defers")
    func brokenTLS() async throws {
        var replies = ScriptedNextHop.Replies()
        replies.hello = "250-sink\r\n250 STARTTLS"
        let clear = try await outcomes(replies, tls: .may)
        #expect(clear.outcomes.map(\.isDelivered) == [true])
        #expect(clear.received.ranges(of: "EHLO").count == 2)
        #expect(clear.received.ranges(of: "MAIL").count == 1)
        let deferred = try await outcomes(replies, tls: .verify)
        #expect(deferred.outcomes.first?.failure?.code == "4.7.5")
        #expect(!deferred.received.contains("MAIL"))
    }

    @Test("a body that cannot be read is not begun")
    func unreadable() async throws {
        let hop = try await ScriptedNextHop()
        let lost = DeliveryBody { () throws(QueueError) in throw .claimLost(.sample(1)) }
        let outcomes = await SMTPRoute(to: try hop.client()).deliver(.sample(1), body: lost)
        #expect(outcomes.first?.failure?.code == "4.3.0")
        #expect(hop.received == "")
        try await hop.stop()
    }
}
