import PosternClient
import PosternConnection
import Testing

@Suite("Client: opening")
struct OpeningTests {
    private static let offered = """
        S: 220 mx
        C: EHLO mail.example.org
        S: 250-mx
        S: 250-PIPELINING
        S: 250 STARTTLS
        C: STARTTLS

        """

    @Test(
        "RFC 3207 §4.2: after TLS comes EHLO again, and what was offered before counts no more",
        arguments: [ClientTLS.may, .verify])
    func startTLS(mode: ClientTLS) throws {
        try ClientDialogue.check(
            Self.offered + """
                S: 220 go
                TLS
                C: EHLO mail.example.org
                S: 250-mx
                S: 250 STARTTLS
                C: MAIL FROM:<alice@example.org>
                """, tls: mode)
    }

    @Test(
        "SUB-198, A2: whatever stands behind the 220 in clear ends the connection; TLS is not begun",
        arguments: [ClientTLS.may, .verify])
    func injection(mode: ClientTLS) throws {
        // Octet by octet it comes after TLS has begun, and is the TLS handler's; see below.
        var session = try ScriptedSession(tls: mode)
        session.say("220 mx\r\n250-mx\r\n250 STARTTLS\r\n")
        let actions = session.say("220 go\r\n250-AUTH EXTERNAL\r\n250 ok\r\n")
        var failure = ClientFailure(code: "4.7.0", text: "something stood behind the 220 of STARTTLS in clear")
        failure.concernsNextHop = true
        #expect(actions == [.finished([.deferred(failure)]), .close])
    }

    @Test("octets in clear between the 220 and the end of the handshake end the connection too")
    func lateInjection() throws {
        var session = try ScriptedSession(tls: .may)
        session.say("220 mx\r\n250-mx\r\n250 STARTTLS\r\n")
        #expect(session.say("220 go\r\n") == [.startTLS])
        #expect(session.say("2").last == .close)
    }

    @Test("RFC 7435: without STARTTLS, or with a refused one, may goes on in clear; verify never does")
    func notOffered() throws {
        let refused = Self.offered + "S: 454 4.7.0 not now\n"
        let envelope = "C: MAIL FROM:<alice@example.org>\\r\\nRCPT TO:<bob@example.net>\\r\\nDATA"
        try ClientDialogue.check(refused + envelope, tls: .may)
        try ClientDialogue.check(
            refused + "deferred 4.7.0 STARTTLS was answered 454 4.7.0 not now\nCLOSE", tls: .verify)
        try ClientDialogue.check(
            TransactionTests.hello + "deferred 4.7.4 STARTTLS is not offered, and TLS is required\nCLOSE", tls: .verify)
        try ClientDialogue.check(TransactionTests.hello + "C: MAIL FROM:<alice@example.org>", tls: .may)
    }

    @Test("without TLS a STARTTLS that is offered is not used")
    func none() throws {
        try ClientDialogue.check(
            """
            S: 220 mx
            C: EHLO mail.example.org
            S: 250-mx
            S: 250 STARTTLS
            C: MAIL FROM:<alice@example.org>
            """, tls: .none)
    }

    @Test("TLS from the first octet; the handshake's failure defers")
    func implicit() throws {
        try ClientDialogue.check(
            """
            TLS
            S: 220 mx
            C: EHLO mail.example.org
            S: 250-mx
            S: 250 STARTTLS
            C: MAIL FROM:<alice@example.org>
            """, tls: .implicit)
        var session = try ScriptedSession(tls: .implicit)
        #expect(session.isSecuring)
        var failure = ClientFailure(code: "4.7.5", text: "the TLS handshake failed: no", .lost(.handshake))
        failure.concernsNextHop = true
        #expect(session.receive(.lost(reason: "no")) == [.finished([.deferred(failure)]), .close])
    }

    @Test("C15: a next hop with our own hostname fails the message with 5.4.6; a mail store may have it")
    func loop() throws {
        let opening = """
            S: 220 mail.example.org ESMTP
            C: EHLO mail.example.org
            S: 250-Mail.Example.org greets you
            S: 250 PIPELINING

            """
        try ClientDialogue.check(
            opening + """
                failed 5.4.6 the next hop calls itself mail.example.org, as this server does: mail would come back
                CLOSE
                """)
        let envelope = #"C: MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.net>\r\nDATA"#
        try ClientDialogue.check(opening.replacing("EHLO", with: "LHLO") + envelope, dialect: .lmtp)
    }

    @Test("RFC 5321 §3.2: a server that refuses EHLO for good is asked with HELO")
    func helo() throws {
        try ClientDialogue.check(
            """
            S: 220-mx
            S: 220 says much
            C: EHLO mail.example.org
            S: 502 what?
            C: HELO mail.example.org
            S: 250
            C: MAIL FROM:<alice@example.org>
            """, tls: .may)
    }
}
