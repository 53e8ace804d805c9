import PosternConnection
import PosternSASL
import Testing

@testable import PosternClient

@Suite("Submission: the way to the server")
struct SubmissionPortTests {
    private static let ports: [SubmissionPort] = [.submissions, .submission]
    private static let scene = SubmissionDialogue.Scene(ports: ports)
    private static let message = CertificatePolicyTests.message
    private static let startTLS = """
        CONNECT 587
        S: 220 mx
        C: EHLO client.example.org
        S: 250-mx
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        TLS asked
        C: EHLO client.example.org
        S: 250-mx
        S: 250 AUTH EXTERNAL

        """
    private static let external = """
        C: AUTH EXTERNAL =
        S: 235 ok
        \(message)
        => accepted external(authorizationIdentity: nil)
        """

    @Test("SUB-208, SUB-211: nobody at 465, so 587 with STARTTLS, where the server introduces itself again")
    func nextPort() throws {
        for first in [
            "FAIL unreachable", "TLS asked\nS: 554 no service here", "TLS\nLOST", "TLS\nS: HTTP/1.1 400 what?",
        ] {
            try SubmissionDialogue.check("CONNECT 465\n\(first)\n" + Self.startTLS + Self.external, Self.scene)
        }
    }

    @Test("SUB-208, A3: no STARTTLS, no mail, and no word of a credential")
    func noFallback() throws {
        try SubmissionDialogue.check(
            """
            CONNECT 465
            FAIL unreachable
            CONNECT 587
            S: 220 mx
            C: EHLO client.example.org
            S: 250 AUTH EXTERNAL PLAIN
            => startTLSNotOffered, later
            """, .init(password: true, ports: Self.ports))
        try SubmissionDialogue.check(
            """
            CONNECT 587
            S: 220 mx
            C: EHLO client.example.org
            S: 250-mx
            S: 250 STARTTLS
            C: STARTTLS
            S: 454 4.7.0 not now
            => refused, later
            """, .init(ports: [.submission]))
    }

    @Test("nobody anywhere")
    func unreachable() throws {
        try SubmissionDialogue.check(
            "CONNECT 465\nFAIL unreachable\nCONNECT 587\nFAIL unreachable\n=> unreachable, later", Self.scene)
    }

    @Test(
        "a server that has answered is the one: its refusals lead to no other port",
        arguments: [
            "421 4.3.2 busy", "450 4.7.1 later", "550 5.7.1 no",
        ])
    func noOtherPort(reply: String) throws {
        let end = reply.hasPrefix("5") ? "certificateNotAccepted, give up" : "refused, later"
        try SubmissionDialogue.check(
            CertificatePolicyTests.opening("HELP") + "C: MAIL FROM:<alice@example.org>\nS: \(reply)\n=> \(end)",
            Self.scene)
    }

    @Test("once the content went out nothing is tried again, and it is said that the message may be there")
    func uncertain() throws {
        try SubmissionDialogue.check(
            CertificatePolicyTests.opening("HELP") + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 250 ok
                C: DATA
                S: 354 go on
                END
                C: .
                LOST
                => connectionLost, unsafe
                """, Self.scene)
    }

    @Test(
        "the usual mistakes have a name",
        arguments: [
            ("WAIT 400", "timedOut, later"), ("S: * OK IMAP4rev1 ready", "notSMTP, later"),
            ("S: +OK POP3", "notSMTP, later"), ("S: 421 4.3.2 busy", "refused, later"),
        ])
    func mistakes(line: String, end: String) throws {
        try SubmissionDialogue.check("CONNECT 587\n\(line)\n=> \(end)", .init(ports: [.submission]))
    }

    @Test(
        "SUB-222: each step has the time of RFC 5321 §4.5.3.2, but for the opening, behind which another port may wait")
    func timeouts() {
        let times = ClientTimeouts.submission
        let minutes: [(ClientStep, Int64)] = [
            (.greeting, 2), (.ehlo, 2), (.startTLS, 2), (.authentication, 2), (.mail, 5), (.recipient, 5), (.data, 2),
            (.content, 3), (.endOfData, 10),
        ]
        for (step, count) in minutes { #expect(times.time(for: step) == .seconds(count * 60)) }
        #expect(times.certificate > times.handshake, "somebody may have to type a PIN")
    }

    @Test("SUB-221: of a reply whose code nobody knows the first digit counts")
    func unknownCodes() throws {
        try SubmissionDialogue.check(
            CertificatePolicyTests.opening("HELP") + """
                C: MAIL FROM:<alice@example.org>
                S: 299 fine
                C: RCPT TO:<bob@example.net>
                S: 259 fine
                C: DATA
                S: 354 go on
                END
                C: .
                S: 277 taken
                => accepted implicitCertificate
                """)
        try SubmissionDialogue.check(
            CertificatePolicyTests.opening("HELP") + "C: MAIL FROM:<alice@example.org>\nS: 499 hm\n=> refused, later")
        try SubmissionDialogue.check(
            CertificatePolicyTests.opening("HELP")
                + "C: MAIL FROM:<alice@example.org>\nS: 599 hm\n=> senderRefused, give up")
    }
}
