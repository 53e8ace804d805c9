import PosternMail
import PosternSMTP
import Testing

@testable import PosternProbe

/// One port, as each step saw it; a table for the judgement (SUB-228, policies.md 7.7).
struct PortSketch: CustomTestStringConvertible {
    var name: String
    var isRequested = true
    /// Mechanisms listed without a certificate, with the person's, and with nobody's.
    var listed: (none: String, own: String, nobody: String) = ("PLAIN", "PLAIN", "PLAIN")
    /// Codes of MAIL and RCPT; 0 where it was not said. A `!` case is a connection that was ended in TLS.
    var control: Transaction = .codes(530, 0)
    var implicit: Transaction = .codes(530, 0)
    var auth: Int?
    var external: Transaction = .codes(250, 250)
    var stranger: Transaction = .codes(530, 0)
    var hasRecipient = true
    var hasCertificate = true
    var security = ProbeTarget.Security.implicit
    let verdict: Verdict.Kind
    var confidence = Verdict.Confidence.high
    var findings: [String] = []

    enum Transaction {
        case codes(Int, Int)
        /// An alert, or 421.
        case sentAway
        case unreachable
    }

    var testDescription: String { name }

    var evidence: PortEvidence {
        let question = ProbeQuestion.sample(hasRecipient: hasRecipient, hasCertificate: hasCertificate)
        var evidence = PortEvidence(
            ProbeTarget(host: "mx.example", port: security == .implicit ? 465 : 587, security: security), question,
            at: .probed)
        evidence.add(observation(.withoutCertificate, control, listed.none))
        guard hasCertificate, isRequested else { return evidence }
        evidence.add(observation(.withCertificate, implicit, listed.own))
        if listed.own.contains("EXTERNAL") { evidence.add(observation(.external, external, listed.own)) }
        evidence.add(observation(.stranger, stranger, listed.nobody))
        return evidence
    }

    /// With the certificate, over TLS 1.2.
    func older(_ mechanisms: String, _ mail: Int) -> Observation {
        var older = observation(.olderTLS, .codes(mail, mail == 250 ? 250 : 0), mechanisms)
        older.tls = "TLS 1.2"
        return older
    }

    private func observation(_ step: ProbeStep, _ transaction: Transaction, _ mechanisms: String) -> Observation {
        var observation = Observation(step)
        if case .unreachable = transaction {
            observation.end = .failed(at: .connection, .lost(.connection, "refused"))
            return observation
        }
        observation.isConnected = true
        observation.isCertificateRequested = isRequested
        observation.tls = "TLS 1.3"
        guard case .codes(let mail, let recipient) = transaction else {
            observation.end = .failed(at: .ehlo, .lost(.ehlo, "TLSV1_ALERT_UNKNOWN_CA"))
            return observation
        }
        observation.capabilities = .init(Reply(250, lines: ["mx", "AUTH \(mechanisms)"]))
        if step == .external, let auth {
            observation.answers.append(.init(command: .authenticate(.empty), reply: Reply(auth, "words")))
            guard auth == 235 else { return observation }
        }
        observation.answers.append(.init(command: .mail, reply: Reply(mail, "words")))
        if recipient != 0, hasRecipient {
            observation.answers.append(.init(command: .recipient, reply: Reply(recipient, "words")))
        }
        return observation
    }
}

@Suite("Probe: verdicts")
struct VerdictTests {
    static let table: [PortSketch] = [
        PortSketch(
            name: "7.7: both (option 2)", listed: ("PLAIN", "EXTERNAL PLAIN", "PLAIN"), implicit: .codes(250, 250),
            auth: 235, verdict: .both, findings: ["PASSWORD-FIRST-CLIENTS"]),
        PortSketch(
            name: "7.7: explicit only", listed: ("PLAIN", "EXTERNAL PLAIN", "PLAIN"), auth: 235, verdict: .externalOnly,
            findings: ["PASSWORD-FIRST-CLIENTS"]),
        PortSketch(
            name: "7.7: B only, on 465 (SUB-229)", implicit: .codes(250, 250), verdict: .implicitOnly,
            findings: ["RFC8314-4.2"]),
        PortSketch(
            name: "7.7: B only, on 587", implicit: .codes(250, 250), security: .starttls, verdict: .implicitOnly),
        PortSketch(
            name: "Postfix: MAIL is everybody's, RCPT decides", control: .codes(250, 554), implicit: .codes(250, 250),
            stranger: .codes(250, 554), security: .starttls, verdict: .implicitOnly),
        PortSketch(
            name: "Postfix without --rcpt: nothing can be told", control: .codes(250, 0), implicit: .codes(250, 0),
            hasRecipient: false, security: .starttls, verdict: .inconclusive),
        PortSketch(
            name: "B only at MAIL, without --rcpt", implicit: .codes(250, 0), hasRecipient: false, security: .starttls,
            verdict: .implicitOnly, confidence: .medium),
        PortSketch(
            name: "sendmail without an access entry: EXTERNAL works, RCPT is refused without",
            listed: ("PLAIN", "EXTERNAL", "PLAIN"),
            control: .codes(250, 550), implicit: .codes(250, 550), auth: 235, verdict: .externalOnly,
            findings: ["PASSWORDS-WITHHELD"]),
        PortSketch(
            name: "7.7: no request for a certificate", isRequested: false, verdict: .ignoresCertificates),
        PortSketch(
            name: "7.7: open relay, or trusted by address", control: .codes(250, 250), implicit: .codes(250, 250),
            verdict: .open),
        PortSketch(
            name: "7.7, SUB-230: requested, and without any use", verdict: .notTrusted, confidence: .medium,
            findings: ["REQUEST-WITHOUT-USE"]),
        PortSketch(
            name: "SUB-231: the certificate is rejected in TLS", implicit: .sentAway, stranger: .sentAway,
            verdict: .notTrusted, findings: ["HARD-REJECTS-UNKNOWN"]),
        PortSketch(
            name: "Dovecot with a certificate that it does not know: EXTERNAL listed to everybody, 535",
            listed: ("EXTERNAL", "EXTERNAL", "EXTERNAL"), auth: 535, verdict: .notTrusted, confidence: .medium,
            findings: ["EXTERNAL-TO-STRANGERS", "EXTERNAL-WITHOUT-CERTIFICATE"]),
        PortSketch(
            name: "Postfix with Dovecot SASL unfiltered: EXTERNAL always fails, B works",
            listed: ("EXTERNAL", "EXTERNAL", "EXTERNAL"), implicit: .codes(250, 250), auth: 535,
            verdict: .externalBroken, findings: ["EXTERNAL-TO-STRANGERS", "EXTERNAL-WITHOUT-CERTIFICATE"]),
        PortSketch(
            name: "Exim's documented example refuses the empty name", listed: ("PLAIN", "EXTERNAL PLAIN", "PLAIN"),
            auth: 535, verdict: .externalBroken, findings: ["PASSWORD-FIRST-CLIENTS"]),
        PortSketch(
            name: "a gate: nobody without certificate, and a password besides", control: .sentAway,
            stranger: .sentAway, verdict: .gate, findings: ["HARD-REJECTS-UNKNOWN"]),
        PortSketch(
            name: "required, and B works", control: .sentAway, implicit: .codes(250, 250), stranger: .sentAway,
            security: .starttls, verdict: .implicitOnly, findings: ["HARD-REJECTS-UNKNOWN"]),
        PortSketch(
            name: "AUTH EXTERNAL is answered 454", listed: ("PLAIN", "EXTERNAL", "PLAIN"), auth: 454,
            verdict: .temporary, findings: ["PASSWORDS-WITHHELD"]),
        PortSketch(name: "MAIL is answered 451", implicit: .codes(451, 0), verdict: .temporary),
        PortSketch(name: "nobody there", control: .unreachable, verdict: .unreachable),
        PortSketch(
            name: "without a certificate of the person's", hasCertificate: false, verdict: .inconclusive),
        PortSketch(
            name: "EXTERNAL succeeds, and MAIL behind it does not", listed: ("PLAIN", "EXTERNAL PLAIN", "PLAIN"),
            auth: 235, external: .codes(550, 0), verdict: .inconclusive, confidence: .medium,
            findings: ["PASSWORD-FIRST-CLIENTS"]),
        PortSketch(
            name: "any certificate is enough", implicit: .codes(250, 250), stranger: .codes(250, 250),
            security: .starttls, verdict: .implicitOnly, findings: ["STRANGER-ACCEPTED"]),
    ]

    @Test("SUB-228: each branch of the tree", arguments: table)
    func branch(_ sketch: PortSketch) {
        let report = PortReport(sketch.evidence)
        #expect(report.verdict.kind == sketch.verdict, "\(report.verdict.reason)")
        #expect(report.verdict.confidence == sketch.confidence)
        #expect(report.findings.map(\.id) == sketch.findings)
    }

    @Test("what TLS 1.2 makes different is found")
    func versions() throws {
        let both = try #require(Self.table.first { $0.verdict == .both })
        var evidence = both.evidence
        for (mechanisms, mail, isDifferent) in [
            ("EXTERNAL PLAIN", 250, false), ("PLAIN", 250, true), ("EXTERNAL PLAIN", 530, true),
        ] {
            evidence.add(both.older(mechanisms, mail))
            let ids = PortReport(evidence).findings.map(\.id)
            #expect(ids.contains("TLS-VERSIONS-DIFFER") == isDifferent)
        }
    }

    @Test("every verdict is reached by a row, and has an exit status of its own kind")
    func complete() {
        #expect(Set(Self.table.map(\.verdict)) == Set(Verdict.Kind.allCases))
    }

    @Test(
        "the words of programs follow the ways: A needs EXTERNAL, B needs MAIL, and who takes what is offered needs one"
    )
    func programs() throws {
        let explicit = PortReport(try #require(Self.table.first { $0.verdict == .externalOnly }).evidence)
        #expect(explicit.programs(.works).allSatisfy { $0.way != .implicit })
        #expect(explicit.programs(.fails).allSatisfy { $0.way == .implicit || $0.way == .lone })
        let implicit = PortReport(try #require(Self.table.first { $0.verdict == .implicitOnly }).evidence)
        #expect(implicit.programs(.fails).allSatisfy { $0.way == .external || $0.way == .lone })
        #expect(MailProgram.all.allSatisfy { !$0.source.isEmpty })
    }

    @Test("of two ports the worse one decides the exit status, and one without a listener counts only alone")
    func exitStatus() throws {
        func row(_ kind: Verdict.Kind) throws -> PortEvidence {
            try #require(Self.table.first { $0.verdict == kind }).evidence
        }
        let mixed = ProbeReport([try row(.both), try row(.implicitOnly)], failedAuthentications: 0)
        #expect(mixed.exitStatus == 11)
        #expect(mixed.difference?.id == "PORTS-DIFFER")
        #expect(ProbeReport([try row(.both), try row(.unreachable)], failedAuthentications: 0).exitStatus == 0)
        #expect(ProbeReport([try row(.unreachable)], failedAuthentications: 0).exitStatus == 69)
    }
}
