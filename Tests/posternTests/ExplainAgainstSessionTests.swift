import PosternIdentity
import PosternMail
import PosternSASL
import PosternSMTP
import PosternSubmission
import PosternSubmissionHarness
import PosternTestSupport
import Testing

@testable import postern

/// What `postern explain` says against what a session answers that carries on a connection of its own.
@Suite("The explanation and the session")
struct ExplainAgainstSessionTests {
    /// Authorization identities, `=` without one, and reverse-paths.
    static let options: [(identity: String?, sender: String)] =
        [nil, "alice", "a.smith@example.org", "bob@example.org", "carol", "nobody's"].map {
            ($0, "<alice@example.org>")
        }
        + ["<>", "<bob@example.org>", "<anyone@lists.example.org>"].map { (nil, $0) }
    /// A good moment, and one at which every certificate is over and every list stale.
    static let moments = [Timestamp.testNow, .testNow.adding(days: 300)]

    @Test(
        "EHLO, AUTH, MAIL and MAIL after AUTH are explained as a session answers them, whatever the certificate",
        arguments: CertificatePolicy.allCases, TLSMode.allCases)
    func agree(_ policy: CertificatePolicy, _ tls: TLSMode) throws {
        for certificate in ClientCertificate.allCases {
            for unusable in [UnusableHandling.continue, .refuse] {
                var scenario = Scenario(policy, tls, certificate)
                scenario.listener.unusable = unusable
                for moment in Self.moments {
                    for option in Self.options {
                        try compare(scenario, moment, as: option.identity, from: option.sender)
                    }
                }
            }
        }
    }

    @Test(
        "without --from the owner's first address is taken, and <> where there is no owner", arguments: TLSMode.allCases
    )
    func ownAddress(_ tls: TLSMode) throws {
        let owners: [ClientCertificate: String] = [
            .alice: "<alice@example.org>", .alias: "<alice@example.org>", .bob: "<bob@example.org>",
            .pinned: "<dave@example.org>",
        ]
        for policy in CertificatePolicy.allCases {
            for certificate in ClientCertificate.allCases {
                let scenario = Scenario(policy, tls, certificate)
                // With certificates off nobody is known, whatever is shown.
                let sender = policy == .off ? "<>" : owners[certificate, default: "<>"]
                try compare(scenario, .testNow, as: nil, from: sender, isAsked: false)
            }
        }
        for policy in [CertificatePolicy.both, .explicit, .strict] {
            let scenario = Scenario(policy, tls, .twoAccounts)
            try compare(scenario, .testNow, as: "bob", from: "<bob@example.org>", isAsked: false)
        }
    }

    /// - Parameter isAsked: whether the explanation is asked with the sender, or has to find it.
    private func compare(
        _ scenario: Scenario, _ moment: Timestamp, as identity: String?, from sender: String, isAsked: Bool = true
    ) throws {
        let world = try World.shared
        var question = SessionPreview.Question(
            settings: try scenario.settings, snapshot: try world.snapshot(scenario.identities), now: moment)
        question.examination = try world.examination(of: scenario.certificate)
        question.authorizationIdentity = identity
        if isAsked { question.reversePath = try reversePath(sender) }
        guard case .session(let replies) = SessionPreview(question).course else {
            Issue.record("no session")
            return
        }
        let explained = [replies.ehlo, replies.auth, replies.mail, replies.mailAfterAuth].map(Self.text)
        let answered = try answers(scenario, moment, identity, sender)
        if explained != answered {
            let listener = scenario.listener
            Issue.record(
                """
                \(listener.policy.rawValue), \(listener.tls.rawValue), \(listener.unusable.rawValue), \
                \(scenario.certificate.rawValue), as \(identity ?? "="), from \(sender), \(CalendarDate(moment)): \
                explained \(explained), answered \(answered)
                """)
        }
    }

    private func reversePath(_ text: String) throws -> ReversePath {
        guard text != "<>" else { return .null }
        return .mailbox(try #require(Mailbox(String(text.dropFirst().dropLast()))))
    }

    /// The replies of a session to EHLO, AUTH EXTERNAL, MAIL without it and MAIL after it.
    private func answers(
        _ scenario: Scenario, _ moment: Timestamp, _ identity: String?, _ sender: String
    ) throws -> [String] {
        var shell = try PureShell(scenario)
        shell.now.wall = moment
        shell.receive(.connected)
        if scenario.listener.tls == .startTLS { shell.receive("EHLO client.example.org\r\nSTARTTLS\r\n") }
        try shell.establishTLS()
        shell.receive("EHLO client.example.org\r\n")
        var withAuth = shell
        withAuth.receive("AUTH EXTERNAL \(identity.map { Base64.encode(Array($0.utf8)) } ?? "=")\r\n")
        var afterAuth = withAuth
        afterAuth.receive("MAIL FROM:\(sender)\r\n")
        var withoutAuth = shell
        withoutAuth.receive("MAIL FROM:\(sender)\r\n")
        return try [shell, withAuth, withoutAuth, afterAuth].map { Self.text(try #require($0.replies.last)) }
    }

    /// A reply without the session's id, in which alone two sessions differ.
    private static func text(_ reply: Reply) -> String {
        let lines = reply.lines.map { line in
            reply.code >= 400 && line.hasSuffix(")")
                ? String(line[..<(line.lastIndex(of: "(") ?? line.endIndex)]) : line
        }
        let enhanced = reply.enhanced.map { ".\($0.subject).\($0.detail)" } ?? ""
        return "\(reply.code)\(enhanced) " + lines.joined(separator: "; ")
    }
}
