import PosternCertificates
import PosternConfiguration
import PosternIdentity
import PosternMail
import PosternSMTP
import PosternSubmission
import PosternSubmissionHarness
import PosternTestSupport
import Testing

@testable import postern

@Suite("Explaining a decision")
struct ExplainTests {
    let folder: TestFolder
    let snapshot: Snapshot
    let alice: Examination
    let eve: Examination

    init() throws {
        folder = try TestFolder()
        try folder.fill()
        snapshot = try #require(Assembled.read(folder.path("postern.yaml"), at: .testNow).value).snapshot
        let authority = try AuthorityFolder(path: folder.path("ca")).open(at: .testStart)
        let foreign = try authority.issueClient(for: try mailbox("eve@example.com"), notBefore: .testStart)
        eve = Examination(of: PresentedChain(der: [foreign.der]), against: snapshot.trust)
        alice = Examination(
            of: try PresentedChain(pem: Array(try folder.text("alice.pem").utf8)), against: snapshot.trust)
    }

    func question(
        _ policy: PosternSubmission.CertificatePolicy, _ tls: TLSMode = .startTLS,
        _ change: (inout ListenerSettings) -> Void = { _ in }
    ) throws -> SessionPreview.Question {
        var listener = ListenerSettings(name: "test", tls: tls, policy: policy)
        change(&listener)
        let hostname = try #require(Domain("mail.example.org"))
        let settings = Settings(
            hostname: hostname, postmaster: try mailbox("postmaster@mail.example.org"), listener: listener,
            limits: .usual)
        return SessionPreview.Question(settings: settings, snapshot: snapshot, now: .testNow)
    }

    /// The replies' codes: the mechanisms of EHLO, AUTH EXTERNAL, MAIL without AUTH, MAIL after it.
    func codes(_ question: SessionPreview.Question) throws -> [String] {
        guard case .session(let replies) = SessionPreview(question).course else { return ["alert"] }
        let mechanisms = replies.ehlo.lines.first { $0.hasPrefix("AUTH ") } ?? "\(replies.ehlo.code)"
        return [mechanisms] + [replies.auth, replies.mail, replies.mailAfterAuth].map { "\($0.code)" }
    }

    @Test(
        "each policy as policies 7.2 and 7.3 have it, for M, T and N, on both kinds of listener",
        arguments: TLSMode.allCases)
    func policies(tls: TLSMode) throws {
        let rows: [(PosternSubmission.CertificatePolicy, mapped: [String], unmapped: [String], none: [String])] = [
            (
                .both, ["AUTH EXTERNAL PLAIN", "235", "250", "250"], ["AUTH PLAIN", "535", "530", "530"],
                ["AUTH PLAIN", "535", "530", "530"]
            ),
            (
                .explicit, ["AUTH EXTERNAL PLAIN", "235", "530", "250"], ["AUTH PLAIN", "535", "530", "530"],
                ["AUTH PLAIN", "535", "530", "530"]
            ),
            (
                .strict, ["AUTH EXTERNAL PLAIN", "235", "530", "250"], ["AUTH PLAIN", "535", "530", "530"],
                ["AUTH PLAIN", "535", "530", "530"]
            ),
            (
                .implicit, ["AUTH PLAIN", "504", "250", "250"], ["AUTH PLAIN", "504", "530", "530"],
                ["AUTH PLAIN", "504", "530", "530"]
            ),
            (
                .off, ["AUTH PLAIN", "504", "530", "530"], ["AUTH PLAIN", "504", "530", "530"],
                ["AUTH PLAIN", "504", "530", "530"]
            ),
        ]
        for row in rows {
            var question = try question(row.0, tls)
            #expect(try codes(question) == row.none, "\(row.0), N")
            question.examination = alice
            #expect(try codes(question) == row.mapped, "\(row.0), M")
            question.examination = eve
            #expect(try codes(question) == row.unmapped, "\(row.0), T")
        }
    }

    @Test("the authorization identity and the reverse-path are the session's")
    func options() throws {
        var question = try question(.both)
        question.examination = alice
        question.authorizationIdentity = "alice@example.org"
        #expect(try codes(question) == ["AUTH EXTERNAL PLAIN", "235", "250", "250"])
        question.authorizationIdentity = "bob"
        // A failed AUTH forbids the implicit one.
        #expect(try codes(question) == ["AUTH EXTERNAL PLAIN", "535", "250", "530"])
        question.authorizationIdentity = nil
        question.reversePath = .mailbox(try mailbox("eve@example.com"))
        #expect(try codes(question) == ["AUTH EXTERNAL PLAIN", "235", "550", "550"])
        question.reversePath = .null
        #expect(try codes(question) == ["AUTH EXTERNAL PLAIN", "235", "250", "250"])
    }

    @Test("a certificate that is over: the words of each reply, and under strict none before AUTH")
    func expired() throws {
        var question = try question(.both)
        question.examination = alice
        question.now = Timestamp.testStart.adding(days: 900)
        guard case .session(let both) = SessionPreview(question).course else {
            Issue.record("no session")
            return
        }
        let words = "the client certificate expired on 2028-04-05T00:00:00Z"
        #expect(both.auth.lines == ["authentication failed: \(words) (0000000000)"])
        #expect(both.mail.lines == ["authentication required: \(words) (0000000000)"])
        var strict = try self.question(.strict)
        (strict.examination, strict.now) = (alice, question.now)
        guard case .session(let replies) = SessionPreview(strict).course else {
            Issue.record("no session")
            return
        }
        #expect(replies.mail.lines == ["authentication required (0000000000)"])
    }

    @Test("unusable: refuse answers 554, unusable: abort has no session at all")
    func unusable() throws {
        for (handling, expected) in [(UnusableHandling.refuse, ["554", "554", "554", "554"]), (.abort, ["alert"])] {
            var question = try question(.both) { $0.unusable = handling }
            question.examination = alice
            question.now = Timestamp.testStart.adding(days: 900)
            #expect(try codes(question) == expected)
        }
    }

    @Test("what is printed names the checks, the mapping, the standing and the replies")
    func text() throws {
        var question = try question(.both)
        question.examination = alice
        let lines = ExplanationText(question, SessionPreview(question)).lines
        #expect(lines.contains("standing     M: the certificate leads to account alice"))
        #expect(lines.contains("  rfc822-name alice@example.org: account alice"))
        #expect(lines.contains { $0.hasPrefix("  ok         key usage, client certificate CN=alice@example.org") })
        #expect(lines.suffix(2) == ["to MAIL after that AUTH", "  250 2.1.0 sender accepted"])
        question.now = Timestamp.testStart.adding(days: 900)
        let later = ExplanationText(question, SessionPreview(question)).lines
        #expect(later.contains { $0.hasPrefix("  BROKEN     validity, client certificate CN=alice@example.org") })
        #expect(later.contains("standing     U: the certificate proves nothing"))
        question.examination = nil
        #expect(ExplanationText(question, SessionPreview(question)).lines.contains("certificate  none is sent"))
    }

    @Test(
        "moments of RFC 3339 are read, and nothing else",
        arguments: [
            ("2026-06-01T00:00:00Z", 0), ("2026-06-01t00:00:00z", 0), ("2026-06-01T02:00:00+02:00", 0),
            ("2026-05-31T18:30:00-05:30", 0), ("2026-06-01T00:00:01.999Z", 1), ("2026-06-01", nil),
            ("2026-06-01 00:00:00Z", nil), ("2026-02-30T00:00:00Z", nil), ("2026-06-01T00:00:00", nil),
            ("2026-06-01T00:00:00.Z", nil), ("2026-06-01T00:00:00+2:00", nil), ("2026-06-01T00:00:00Zx", nil),
            ("2026-06-01T24:00:00Z", nil), ("2026-06-01T00:00:00+24:00", nil), ("", nil), ("-026-06-01T00:00:00Z", nil),
        ] as [(String, Int?)])
    func moments(text: String, seconds: Int?) {
        #expect(Timestamp(rfc3339: text) == seconds.map { Timestamp.testNow + .seconds($0) })
    }
}
