import PosternProbe
import Testing

@Suite("Probe: steps")
struct StepTests {
    private static let opened = """
        ASK
        S: 220 mx
        C: EHLO client.example
        S: 250-mx
        S: 250 AUTH EXTERNAL PLAIN

        """

    @Test("SUB-227: MAIL, RCPT to the address that was given, RSET, QUIT; and no other command")
    func transaction() {
        let observation = StepDialogue.play(
            .withCertificate,
            Self.opened + """
                C: MAIL FROM:<alice@example.org>
                S: 250 2.1.0 ok
                C: RCPT TO:<alice@elsewhere.example>
                S: 250 2.1.5 ok
                C: RSET
                S: 250 2.0.0 ok
                C: QUIT
                S: 221 2.0.0 bye
                CLOSE
                """)
        #expect(observation.reply(to: .recipient)?.code == 250)
        #expect(observation.listsExternal && observation.isCertificateRequested && observation.isCertificateShown)
    }

    @Test("a refused MAIL is followed by QUIT at once; a server that closes in its place is forgiven")
    func refused() {
        let observation = StepDialogue.play(
            .withoutCertificate,
            Self.opened + """
                C: MAIL FROM:<alice@example.org>
                S: 530 5.7.0 authenticate first
                C: QUIT
                LOST closed
                CLOSE
                """)
        #expect(observation.reply(to: .mail)?.code == 530)
        #expect(observation.end == .quit)
    }

    @Test("STARTTLS: what was listed in clear and what is listed in TLS are kept apart (RFC 3207 §4.2)")
    func startTLS() {
        let observation = StepDialogue.play(
            .withoutCertificate,
            """
            S: 220 mx
            C: EHLO client.example
            S: 250-mx
            S: 250-AUTH PLAIN
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 go
            TLS
            C: EHLO client.example
            S: 250 mx
            C: MAIL FROM:<alice@example.org>
            S: 530 5.7.0 no
            C: QUIT
            S: 221 bye
            CLOSE
            """, security: .starttls)
        #expect(observation.clear?.mechanisms == ["PLAIN"])
        #expect(observation.capabilities?.mechanisms == [])
    }

    @Test("P0: EHLO and QUIT in clear, and nothing else")
    func clear() {
        let observation = StepDialogue.play(
            .clear,
            """
            S: 220 mx
            C: EHLO client.example
            S: 250-mx
            S: 250 STARTTLS
            C: QUIT
            S: 221 bye
            CLOSE
            """, security: .starttls)
        #expect(observation.clear?.offersStartTLS == true)
    }

    @Test("AUTH EXTERNAL: refused, the transaction is not tried; 334 is answered with nothing, whatever it says")
    func external() {
        let refused = StepDialogue.play(
            .external,
            Self.opened + """
                C: AUTH EXTERNAL =
                S: 535 5.7.8 no
                C: QUIT
                S: 221 bye
                CLOSE
                """)
        #expect(refused.hasFailedAuthentication)
        let challenged = StepDialogue.play(
            .extended(.emptyLine),
            Self.opened + """
                C: AUTH EXTERNAL
                S: 334 VXNlcm5hbWU6
                C: 
                S: 235 2.7.0 ok
                C: AUTH EXTERNAL =
                S: 503 5.5.0 once is enough
                C: MAIL FROM:<alice@elsewhere.example>
                S: 553 5.7.1 not yours
                C: QUIT
                S: 221 bye
                CLOSE
                """)
        #expect(challenged.answers.map(\.reply.code) == [235, 503, 553])
    }

    @Test("EXTERNAL is not tried where it is not listed")
    func unlisted() {
        StepDialogue.play(
            .external,
            """
            ASK
            S: 220 mx
            C: EHLO client.example
            S: 250-mx
            S: 250 AUTH PLAIN
            C: QUIT
            S: 221 bye
            CLOSE
            """)
    }

    @Test("RFC 2920: AUTH and MAIL in one piece, where PIPELINING is listed")
    func pipelined() {
        let observation = StepDialogue.play(
            .extended(.ownName),
            """
            ASK
            S: 220 mx
            C: EHLO client.example
            S: 250-mx
            S: 250-PIPELINING
            S: 250 AUTH EXTERNAL
            C: AUTH EXTERNAL YWxpY2VAZXhhbXBsZS5vcmc=
            C: MAIL FROM:<alice@example.org>
            S: 235 2.7.0 ok
            S: 250 2.1.0 ok
            C: RSET
            S: 250 ok
            C: QUIT
            S: 221 bye
            CLOSE
            """)
        #expect(observation.reply(to: .mail)?.code == 250)
    }

    @Test("RFC 4954 §4: who asks again behind 334 is told that we give up, and who asks for ever is left")
    func endlessChallenges() {
        let observation = StepDialogue.play(
            .external,
            Self.opened + """
                C: AUTH EXTERNAL =
                S: 334 more
                C: 
                S: 334 still more
                C: *
                S: 334 and more
                CLOSE
                """)
        #expect(observation.hasFailedAuthentication)
        #expect(observation.answers.map(\.reply.code) == [334])
    }

    @Test(
        "AUTH in a transaction is answered 503; behind RSET the form with a space is tried, and one AUTH fails at most")
    func inTransaction() {
        let told = StepDialogue.play(
            .extended(.inTransaction),
            Self.opened + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: AUTH EXTERNAL =
                S: 503 5.5.1 not now
                C: RSET
                S: 250 ok
                C: AUTH EXTERNAL 
                S: 501 5.5.2 no
                C: QUIT
                S: 221 bye
                CLOSE
                """)
        #expect(told.answers.map(\.reply.code) == [250, 503, 250, 501])
    }

    @Test("a reply that comes before its command was said makes every further one doubtful: the step ends")
    func unasked() {
        let doubled = StepDialogue.play(
            .external,
            Self.opened + """
                C: AUTH EXTERNAL =
                S: 235 ok\r\n235 ok
                C: MAIL FROM:<alice@example.org>
                CLOSE
                """)
        #expect(doubled.end != .quit && doubled.reply(to: .mail) == nil)
        let parting = StepDialogue.play(
            .withCertificate,
            Self.opened + """
                C: MAIL FROM:<alice@example.org>
                S: 530 5.7.0 no\r\n421 4.7.0 and go
                C: QUIT
                CLOSE
                """)
        #expect(parting.end == .quit && parting.reply(to: .mail)?.code == 530)
    }

    @Test("--try-unlisted: AUTH EXTERNAL is said where EHLO does not list it, and only then")
    func tryUnlisted() {
        var question = ProbeQuestion.sample()
        question.triesUnlisted = true
        let observation = StepDialogue.play(
            .external,
            """
            ASK
            S: 220 mx
            C: EHLO client.example
            S: 250 mx
            C: AUTH EXTERNAL =
            S: 235 2.7.0 ok
            C: MAIL FROM:<alice@example.org>
            S: 530 5.7.0 no
            C: QUIT
            S: 221 bye
            CLOSE
            """, question: question)
        #expect(observation.isAuthenticated)
    }

    @Test("who answers each command as late as possible holds a step for three minutes, and no longer")
    func slow() {
        let observation = StepDialogue.play(
            .withCertificate,
            Self.opened + """
                C: MAIL FROM:<alice@example.org>
                WAIT 44
                S: 250 ok
                C: RCPT TO:<alice@elsewhere.example>
                WAIT 44
                S: 250 ok
                C: RSET
                WAIT 44
                S: 250 ok
                C: QUIT
                WAIT 4
                WAIT 44
                CLOSE
                """)
        #expect(observation.end != .quit)
        let opening = StepDialogue.play(
            .withCertificate,
            """
            ASK
            WAIT 44
            S: 220 mx
            C: EHLO client.example
            WAIT 44
            S: 250 mx
            C: MAIL FROM:<alice@example.org>
            WAIT 44
            S: 250 ok
            C: RCPT TO:<alice@elsewhere.example>
            WAIT 44
            S: 250 ok
            C: RSET
            WAIT 4
            CLOSE
            """)
        #expect("\(opening.end)".contains("180 s"))
    }

    @Test("421 ends a step, and so does silence; an alert behind the handshake is one of the handshake's kind")
    func ends() {
        let sentAway = StepDialogue.play(
            .withoutCertificate,
            """
            ASK
            S: 220 mx
            C: EHLO client.example
            S: 421 4.7.1 No client certificate presented
            CLOSE
            """)
        #expect(sentAway.rejection == "421 4.7.1 No client certificate presented")
        let silent = StepDialogue.play(.stranger, "ASK\nS: 220 mx\nC: EHLO client.example\nWAIT 45\nCLOSE")
        #expect(silent.end != .quit)
        let alert = StepDialogue.play(.stranger, "ASK\nLOST TLSV1_ALERT_UNKNOWN_CA\nCLOSE")
        #expect(alert.rejection?.contains("UNKNOWN_CA") == true)
    }
}
