import PosternSASL
import PosternSubmission
import PosternSubmissionHarness
import Testing

/// What a refusal tells those who are not authenticated.
@Suite("Words of refusals")
struct RefusalWordsTests {
    /// What each certificate that proves nothing shows to be wrong.
    static let faults: [ClientCertificate: String] = [
        .expired: "the client certificate expired on 2026-05-31T00:00:00Z",
        .notYetValid: "the client certificate is valid from 2026-06-02T00:00:00Z only",
        .otherIssuer: "the client certificate's issuer is not trusted here",
        .noClientAuth: "the client certificate is not for client authentication (clientAuth)",
        .weakKey: "a key of the client certificate's chain is too weak or of a kind that is not accepted",
        .revoked: "the client certificate is revoked",
        .garbage: "the client certificate is not well-formed",
        .pinnedExpired: "the client certificate expired on 2026-05-31T00:00:00Z",
    ]
    static let mail = "MAIL FROM:<alice@example.org>"
    static let wrongPassword = "AUTH PLAIN \(base64("\0alice\0wrong"))"

    static func base64(_ text: String) -> String { Base64.encode(Array(text.utf8)) }

    /// The last reply to these lines inside TLS.
    private func reply(to lines: String..., in scenario: Scenario) throws -> String {
        var shell = try PureShell(scenario)
        shell.receive(.connected)
        if scenario.listener.tls == .startTLS { shell.receive("EHLO client.example.org\r\nSTARTTLS\r\n") }
        try shell.establishTLS()
        for line in ["EHLO client.example.org"] + lines { shell.receive(line + "\r\n") }
        return try #require(shell.takeLines().last)
    }

    @Test(
        "SUB-100: under strict the words of MAIL's 530 are the same in every state, and after a failed AUTH too",
        arguments: TLSMode.allCases)
    func strict(_ tls: TLSMode) throws {
        for certificate in ClientCertificate.allCases {
            var scenarios = [Scenario(.strict, tls, certificate)]
            for adjust in Self.conditions {
                var scenario = scenarios[0]
                adjust(&scenario)
                scenarios.append(scenario)
            }
            for scenario in scenarios {
                let expected = "530 5.7.0 authentication required (sess000001)"
                #expect(try reply(to: Self.mail, in: scenario) == expected, "\(certificate)")
                #expect(try reply(to: Self.wrongPassword, Self.mail, in: scenario) == expected, "\(certificate)")
                #expect(try reply(to: "RCPT TO:<friend@example.net>", in: scenario) == expected, "\(certificate)")
            }
        }
    }

    private static let conditions: [@Sendable (inout Scenario) -> Void] = [
        { $0.identities.disabled.insert("alice") },
        { $0.identities.lists = .stale },
        { ($0.listener.minimumTLSForCertificates, $0.tlsVersion) = (.v13, .v12) },
    ]

    @Test(
        "SUB-145: under the other policies the refusal of a certificate that proves nothing names what is wrong with it",
        arguments: [CertificatePolicy.both, .explicit, .implicit], TLSMode.allCases)
    func unusable(_ policy: CertificatePolicy, _ tls: TLSMode) throws {
        for (certificate, fault) in Self.faults {
            let scenario = Scenario(policy, tls, certificate)
            #expect(
                try reply(to: Self.mail, in: scenario) == "530 5.7.0 authentication required: \(fault) (sess000001)")
            #expect(
                try reply(to: "DATA", in: scenario) == "530 5.7.0 authentication required: \(fault) (sess000001)")
        }
    }

    @Test(
        "SUB-145: AUTH EXTERNAL names what is wrong with the certificate, under strict as well: it is the question",
        arguments: [CertificatePolicy.both, .explicit, .strict], TLSMode.allCases)
    func unusableAtAuth(_ policy: CertificatePolicy, _ tls: TLSMode) throws {
        for (certificate, fault) in Self.faults {
            #expect(
                try reply(to: "AUTH EXTERNAL =", in: Scenario(policy, tls, certificate))
                    == "535 5.7.8 authentication failed: \(fault) (sess000001)")
        }
    }

    @Test(
        "SUB-145: to a certificate that is nobody's no word tells of accounts, whoever it asks to be",
        arguments: CertificatePolicy.allCases, TLSMode.allCases)
    func unmapped(_ policy: CertificatePolicy, _ tls: TLSMode) throws {
        let hasExternal = policy != .implicit && policy != .off
        let refusal =
            hasExternal
            ? "535 5.7.8 authentication failed (sess000001)"
            : "504 5.5.4 authentication mechanism not available here (sess000001)"
        let certificates: [ClientCertificate] = [
            .nobody, .outsideGrant, .noNames, .wrongCase, .nulInName, .lineEndInName,
        ]
        for certificate in certificates {
            let scenario = Scenario(policy, tls, certificate)
            #expect(try reply(to: Self.mail, in: scenario) == "530 5.7.0 authentication required (sess000001)")
            #expect(try reply(to: "AUTH EXTERNAL =", in: scenario) == refusal)
            // One that exists, one that is disabled, one that the certificate names, one that does not exist.
            for identity in ["alice", "carol", "nobody@example.org", "mallory"] {
                #expect(try reply(to: "AUTH EXTERNAL \(Self.base64(identity))", in: scenario) == refusal)
            }
        }
    }
}
