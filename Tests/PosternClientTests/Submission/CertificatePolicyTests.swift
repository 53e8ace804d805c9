import PosternConnection
import PosternSASL
import Testing

@testable import PosternClient

/// policies.md 7.6, branch by branch: SUB-209, SUB-210, SUB-212 to SUB-216.
@Suite("Submission: the client's certificate")
struct CertificatePolicyTests {
    /// A connection to 465 up to the server's offer.
    static func opening(_ offered: String, asked: Bool = true, port: Int = 465) -> String {
        """
        CONNECT \(port)
        TLS\(asked ? " asked" : "")
        S: 220 mx
        C: EHLO client.example.org
        S: 250-mx
        S: 250 \(offered)

        """
    }

    static let message = """
        C: MAIL FROM:<alice@example.org>
        S: 250 ok
        C: RCPT TO:<bob@example.net>
        S: 250 ok
        C: DATA
        S: 354 go on
        END
        C: .
        S: 250 2.0.0 queued as 7

        """

    private static let both = SubmissionDialogue.Scene(password: true)

    @Test(
        "SUB-210, SUB-213: EXTERNAL where it is listed, with `=` for the empty identity (SUB-212); nothing is disclaimed"
    )
    func external() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH PLAIN EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 235 2.7.0 ok
                \(Self.message)
                => accepted external(authorizationIdentity: nil)
                """, remembers: .external(authorizationIdentity: nil))
        // D7: a password that is there too changes nothing.
        try SubmissionDialogue.check(
            Self.opening("AUTH PLAIN EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 235 2.7.0 ok
                \(Self.message)
                => accepted external(authorizationIdentity: nil)
                """, Self.both)
    }

    @Test("as the identity that the policy names")
    func identity() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL YWxpY2U=
                S: 235 2.7.0 ok
                \(Self.message)
                => accepted external(authorizationIdentity: Optional("alice"))
                """, .init(policy: .external(authorizationIdentity: "alice")))
    }

    @Test("535 to the empty identity: once more with the account's name (Exim's example refuses the empty one)")
    func accountName() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 535 5.7.8 who?
                C: AUTH EXTERNAL YWxpY2U=
                S: 235 2.7.0 ok
                \(Self.message)
                => accepted external(authorizationIdentity: Optional("alice"))
                """, .init(accountName: "alice"), remembers: .external(authorizationIdentity: "alice"))
        // What is remembered comes first.
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL YWxpY2U=
                S: 235 2.7.0 ok
                \(Self.message)
                => accepted external(authorizationIdentity: Optional("alice"))
                """, .init(accountName: "alice", remembered: .external(authorizationIdentity: "alice")))
    }

    @Test("501 to the initial response: once more without; 334 is answered with an empty line")
    func withoutInitialResponse() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 501 5.5.4 no initial response here
                C: AUTH EXTERNAL
                S: 334 
                C: 
                S: 235 2.7.0 ok
                \(Self.message)
                => accepted external(authorizationIdentity: nil)
                """)
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 334 
                C: 
                S: 535 no
                C: AUTH EXTERNAL
                S: 334 
                C: YWxpY2U=
                S: 235 ok
                \(Self.message)
                => accepted external(authorizationIdentity: Optional("alice"))
                """, .init(accountName: "alice"))
    }

    @Test("SUB-212: an identity too long for the line of AUTH waits for the server's request")
    func longIdentity() throws {
        let name = String(repeating: "n", count: 400)
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL
                S: 334 
                C: \(Base64.encode(name.utf8))
                S: 235 ok
                \(Self.message)
                => accepted external(authorizationIdentity: Optional("\(name)"))
                """, .init(policy: .external(authorizationIdentity: name)))
    }

    @Test(
        "5yz to EXTERNAL: over a fresh connection the certificate alone, and that is remembered",
        arguments: ["535 5.7.8 no", "504 5.5.4 what?", "500 what?", "550 no"])
    func externalRefused(reply: String) throws {
        for scene in [SubmissionDialogue.Scene(), Self.both] {
            try SubmissionDialogue.check(
                Self.opening("AUTH EXTERNAL PLAIN") + """
                    C: AUTH EXTERNAL =
                    S: \(reply)
                    \(Self.opening("AUTH EXTERNAL PLAIN") + Self.message)
                    => accepted implicitCertificate
                    """, scene, remembers: .implicit)
        }
    }

    @Test(
        "SUB-214: refused there too: the certificate is not accepted, and no password goes out unless that was chosen",
        arguments: [
            "530 5.7.0 first", "535 no", "550 5.7.1 no", "554 5.7.1 Relay access denied", "550 relay not permitted",
        ])
    func notAccepted(reply: String) throws {
        let refused =
            Self.opening("AUTH EXTERNAL PLAIN") + """
                C: AUTH EXTERNAL =
                S: 535 5.7.8 no

                """
        let atMail = Self.opening("AUTH EXTERNAL PLAIN") + "C: MAIL FROM:<alice@example.org>\nS: \(reply)\n"
        let atRecipient =
            Self.opening("AUTH EXTERNAL PLAIN") + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: \(reply)

                """
        for second in [atMail, atRecipient] {
            for scene in [SubmissionDialogue.Scene(), Self.both] {
                try SubmissionDialogue.check(refused + second + "=> certificateNotAccepted, give up", scene)
            }
            var chosen = Self.both
            chosen.usesPasswordAfterRefusedCertificate = true
            try SubmissionDialogue.check(
                refused + second + Self.opening("AUTH EXTERNAL PLAIN") + """
                    C: AUTH PLAIN AHVzZXIAcGVuY2ls
                    S: 235 ok
                    \(Self.message)
                    => accepted password(mechanism: "PLAIN")
                    """, chosen, remembers: .refused)
        }
    }

    @Test(
        "SUB-215: 4yz to EXTERNAL is temporary: no password, and no other connection",
        arguments: ["454 4.7.0 later", "421 4.3.0 bye", "432 x"])
    func temporary(reply: String) throws {
        for scene in [SubmissionDialogue.Scene(), Self.both] {
            var chosen = scene
            chosen.usesPasswordAfterRefusedCertificate = true
            for scene in [scene, chosen] {
                try SubmissionDialogue.check(
                    Self.opening("AUTH EXTERNAL PLAIN") + "C: AUTH EXTERNAL =\nS: \(reply)\n=> refused, later", scene)
            }
        }
    }

    @Test("EXTERNAL is not listed, and there is a password: SCRAM before PLAIN before LOGIN")
    func password() throws {
        let scram =
            "C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\nS: 535 no\n=> passwordRefused, give up"
        try SubmissionDialogue.check(Self.opening("AUTH LOGIN PLAIN SCRAM-SHA-256") + scram, Self.both)
        try SubmissionDialogue.check(
            Self.opening("AUTH LOGIN PLAIN") + """
                C: AUTH PLAIN AHVzZXIAcGVuY2ls
                S: 235 ok
                \(Self.message)
                => accepted password(mechanism: "PLAIN")
                """, Self.both, remembers: .some(nil))
        try SubmissionDialogue.check(
            Self.opening("AUTH LOGIN") + """
                C: AUTH LOGIN
                S: 334 VXNlcm5hbWU6
                C: dXNlcg==
                S: 334 UGFzc3dvcmQ6
                C: cGVuY2ls
                S: 235 ok
                \(Self.message)
                => accepted password(mechanism: "LOGIN")
                """, Self.both)
    }

    @Test("SUB-213: EXTERNAL is not listed, and there is the certificate alone: MAIL upon it")
    func implicit() throws {
        for offered in ["HELP", "AUTH PLAIN LOGIN"] {
            try SubmissionDialogue.check(
                Self.opening(offered) + Self.message + "=> accepted implicitCertificate", remembers: .implicit)
        }
        // A password for which nothing is listed stands in nobody's way.
        try SubmissionDialogue.check(Self.opening("HELP") + Self.message + "=> accepted implicitCertificate", Self.both)
    }

    @Test(
        "RFC 4954 §4: what is no answer to AUTH ends the connection before MAIL, so that nothing is sent, and nothing twice",
        arguments: ["250 2.0.0 ok", "354 go on", "335 x", "299 x"])
    func noAnswer(reply: String) throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + "C: AUTH EXTERNAL =\nS: \(reply)\n=> protocolViolation, later",
            Self.both)
    }

    @Test("334 without end is answered once")
    func challengesWithoutEnd() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + """
                C: AUTH EXTERNAL =
                S: 334 
                C: 
                S: 334 
                => protocolViolation, later
                """, Self.both)
    }

    @Test("4yz to MAIL or RCPT upon the certificate is temporary", arguments: ["450 4.7.1 later", "454 4.7.0 later"])
    func implicitTemporary(reply: String) throws {
        try SubmissionDialogue.check(
            Self.opening("HELP") + "C: MAIL FROM:<alice@example.org>\nS: \(reply)\n=> refused, later")
        try SubmissionDialogue.check(
            Self.opening("HELP") + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: \(reply)
                => refused, later
                """)
    }

    @Test("a refusal that is the recipient's own says nothing of the certificate")
    func recipientRefused() throws {
        try SubmissionDialogue.check(
            Self.opening("HELP") + """
                C: MAIL FROM:<alice@example.org>
                S: 250 ok
                C: RCPT TO:<bob@example.net>
                S: 550 5.1.1 unknown
                => recipientsRefused, give up
                """)
    }

    @Test("SUB-209: the server does not ask: none is shown, and MAIL is not tried; a password that is there serves")
    func notRequested() throws {
        for offered in ["AUTH EXTERNAL PLAIN", "HELP"] {
            try SubmissionDialogue.check(
                Self.opening(offered, asked: false) + "=> certificateNotRequested, give up")
        }
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN", asked: false) + """
                C: AUTH PLAIN AHVzZXIAcGVuY2ls
                S: 235 ok
                \(Self.message)
                => accepted password(mechanism: "PLAIN")
                """, Self.both)
    }

    @Test("SUB-216: an alert behind the handshake is a refusal of the certificate, wherever it comes")
    func alert() throws {
        let places = [
            "TLS asked\n", "TLS asked\nS: 220 mx\nC: EHLO client.example.org\n",
        ]
        for place in places {
            try SubmissionDialogue.check("CONNECT 465\n\(place)ALERT\n=> certificateRefused, give up", Self.both)
            var chosen = Self.both
            chosen.usesPasswordAfterRefusedCertificate = true
            try SubmissionDialogue.check(
                "CONNECT 465\n\(place)ALERT\n" + Self.opening("AUTH PLAIN") + """
                    C: AUTH PLAIN AHVzZXIAcGVuY2ls
                    S: 235 ok
                    \(Self.message)
                    => accepted password(mechanism: "PLAIN")
                    """, chosen, remembers: .refused)
        }
    }

    @Test("what is remembered comes first, and is dropped when the server behaves otherwise")
    func memory() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + Self.message + "=> accepted implicitCertificate",
            .init(remembered: .implicit))
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + "C: MAIL FROM:<alice@example.org>\nS: 530 5.7.0 no more\n"
                + Self.opening("AUTH EXTERNAL") + """
                    C: AUTH EXTERNAL =
                    S: 235 ok
                    \(Self.message)
                    => accepted external(authorizationIdentity: nil)
                    """, .init(remembered: .implicit), remembers: .external(authorizationIdentity: nil))
        var chosen = Self.both
        chosen.usesPasswordAfterRefusedCertificate = true
        chosen.remembered = .refused
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + """
                C: AUTH PLAIN AHVzZXIAcGVuY2ls
                S: 535 changed

                """ + Self.opening("AUTH EXTERNAL PLAIN") + """
                    C: AUTH EXTERNAL =
                    S: 235 ok
                    \(Self.message)
                    => accepted external(authorizationIdentity: nil)
                    """, chosen, remembers: .external(authorizationIdentity: nil))
        // Nothing is dropped for what has another reason.
        try SubmissionDialogue.check(
            Self.opening("HELP") + "C: MAIL FROM:<alice@example.org>\nS: 451 4.3.0 later\n=> refused, later",
            .init(remembered: .implicit))
    }

    @Test("the policy external: EXTERNAL, or nothing")
    func policyExternal() throws {
        let scene = SubmissionDialogue.Scene(password: true, policy: .external(authorizationIdentity: nil))
        try SubmissionDialogue.check(Self.opening("AUTH PLAIN") + "=> externalNotOffered, give up", scene)
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + "C: AUTH EXTERNAL =\nS: 535 no\n=> certificateNotAccepted, give up",
            scene)
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN", asked: false) + "=> certificateNotRequested, give up", scene)
    }

    @Test("the policy implicit: MAIL upon the certificate, whatever is listed")
    func policyImplicit() throws {
        let scene = SubmissionDialogue.Scene(password: true, policy: .implicit)
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + Self.message + "=> accepted implicitCertificate", scene)
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN", asked: false) + "=> certificateNotRequested, give up", scene)
    }

    @Test("the policy off: the certificate is never shown")
    func policyOff() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + """
                C: AUTH PLAIN AHVzZXIAcGVuY2ls
                S: 235 ok
                \(Self.message)
                => accepted password(mechanism: "PLAIN")
                """, .init(password: true, policy: .off))
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL PLAIN") + """
                C: MAIL FROM:<alice@example.org>
                S: 530 5.7.0 first
                => passwordWanted, give up
                """, .init(policy: .off))
    }

    @Test("a check ends where a message could begin")
    func check() throws {
        try SubmissionDialogue.check(
            Self.opening("AUTH EXTERNAL") + """
                C: AUTH EXTERNAL =
                S: 235 ok
                C: QUIT
                => accepted external(authorizationIdentity: nil)
                """, .init(isCheck: true))
        try SubmissionDialogue.check(
            Self.opening("AUTH PLAIN") + "C: AUTH PLAIN AHVzZXIAcGVuY2ls\nS: 535 5.7.8 no\n=> passwordRefused, give up",
            .init(certificate: false, password: true, isCheck: true))
    }
}
