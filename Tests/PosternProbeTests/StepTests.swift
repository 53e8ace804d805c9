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
                C: QUIT
                S: 221 bye
                CLOSE
                """)
        #expect(challenged.answers.map(\.reply.code) == [235, 503])
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
            .extended(.pipelined),
            """
            ASK
            S: 220 mx
            C: EHLO client.example
            S: 250-mx
            S: 250-PIPELINING
            S: 250 AUTH EXTERNAL
            C: AUTH EXTERNAL =
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
