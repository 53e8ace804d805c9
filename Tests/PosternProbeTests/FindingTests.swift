import PosternConnection
import PosternMail
import PosternSMTP
import Testing

@testable import PosternProbe

@Suite("Probe: findings")
struct FindingTests {
    private static func evidence(_ kind: Verdict.Kind) throws -> PortEvidence {
        try #require(VerdictTests.table.first { $0.verdict == kind }).evidence
    }

    private static func ids(_ evidence: PortEvidence) -> [String] { PortReport(evidence).findings.map(\.id) }

    // MARK: the server's own certificate

    private static func server(
        days: Int64, begun: Bool = true, isForHost: Bool = true
    ) -> ServerCertificate {
        ServerCertificate(
            subject: "CN=mx", issuer: "CN=Root", names: ["mx.example"],
            notBefore: .probed + .seconds(begun ? -86_400 : 60), notAfter: .probed + .seconds(days * 86_400),
            isForHost: isForHost)
    }

    @Test("of the server's certificate its end, its name and who is trusted are told, each by a finding of its own")
    func serverCertificate() throws {
        let rows: [(ServerCertificate, isTrusted: Bool, String?)] = [
            (Self.server(days: 90), true, nil), (Self.server(days: 13), true, "SERVER-CERTIFICATE-ENDS"),
            (Self.server(days: -1), false, "SERVER-CERTIFICATE-ENDS"),
            (Self.server(days: 90, begun: false), false, "SERVER-CERTIFICATE-ENDS"),
            (Self.server(days: 90, isForHost: false), false, "SERVER-NAME-DIFFERS"),
            (Self.server(days: 90), false, "SERVER-NOT-TRUSTED"),
        ]
        for (certificate, isTrusted, id) in rows {
            var evidence = try Self.evidence(.both)
            var control = try #require(evidence.control)
            control.serverCertificate = certificate
            if !isTrusted {
                let failure = ClientFailure(
                    code: "4.7.5",
                    text: "the TLS handshake failed: the server's certificate is not of a trusted authority")
                control.end = .failed(at: .handshake, failure)
            }
            evidence.add(control)
            let found = PortReport(evidence).findings.map(\.id).filter { $0.hasPrefix("SERVER-") }
            #expect(found == [id].compactMap { $0 })
            #expect(
                TextReport.lines(ProbeReport([evidence], failedAuthentications: 0)).contains { $0.contains("CN=Root") })
        }
    }

    @Test("--insecure: the certificate was shown to whoever answered")
    func insecure() throws {
        var question = ProbeQuestion.sample()
        question.showsToAnybody = true
        var evidence = PortEvidence(
            ProbeTarget(host: "mx.example", port: 465, security: .implicit), question, at: .probed)
        var implicit = Observation(.withCertificate)
        implicit.isCertificateShown = true
        evidence.add(implicit)
        #expect(Self.ids(evidence).contains("SERVER-UNVERIFIED"))
    }

    @Test("RFC 8996: a server that speaks TLS 1.1 at most is not to be spoken to, and that is said")
    func obsolete() {
        var evidence = PortEvidence(
            ProbeTarget(host: "mx.example", port: 465, security: .implicit), .sample(), at: .probed)
        var control = Observation(.withoutCertificate)
        control.isConnected = true
        control.end = .failed(at: .handshake, ClientFailure(code: "4.7.5", text: "the TLS handshake failed: an alert"))
        evidence.add(control)
        #expect(ProbePlan.next(evidence) == .obsoleteTLS)
        var obsolete = Observation(.obsoleteTLS)
        obsolete.isConnected = true
        obsolete.tls = "TLS 1.0"
        evidence.add(obsolete)
        #expect(ProbePlan.next(evidence) == nil)
        let report = PortReport(evidence)
        #expect(report.verdict.kind == .unreachable && report.verdict.reason.contains("TLS 1.0"))
        #expect(report.findings.map(\.id) == ["OLD-TLS-ALONE"])
    }

    // MARK: what the certificate does

    @Test("a certificate that works and is of none of the authorities that are named is known by its fingerprint")
    func fingerprint() throws {
        for (authorities, isFound) in [(["CN=Other"], true), (["CN=Other", "CN=Example CA"], false), ([], false)] {
            var evidence = try Self.evidence(.implicitOnly)
            var older = Observation(.olderTLS)
            older.authorities = authorities
            evidence.add(older)
            #expect(Self.ids(evidence).contains("KNOWN-BY-FINGERPRINT") == isFound)
        }
    }

    @Test("--try-unlisted: what works although it is not listed, and what does not says nothing of the server")
    func unlisted() throws {
        for (code, verdict, isFound) in [
            (235, Verdict.Kind.both, true), (503, .implicitOnly, false), (454, .implicitOnly, false),
        ] {
            var evidence = try Self.evidence(.implicitOnly)
            var external = Observation(.external)
            external.capabilities = .init(Reply(250, lines: ["mx"]))
            external.answers = [.init(command: .authenticate(.empty), reply: Reply(code, "words"))]
            if code == 235 {
                external.answers += [
                    .init(command: .mail, reply: Reply(250, "ok")), .init(command: .recipient, reply: Reply(250, "ok")),
                ]
            }
            evidence.add(external)
            let report = PortReport(evidence)
            #expect(report.verdict.kind == verdict)
            #expect(report.findings.map(\.id).contains("EXTERNAL-UNLISTED") == isFound)
        }
    }

    // MARK: the conformance list

    private static let answers: [(ConformanceCheck, [(ProbeCommand, Int)], [String])] = [
        (.ownName, [(.authenticate(.ownName), 235), (.mail, 250)], []),
        (.ownName, [(.authenticate(.ownName), 535), (.mail, 530)], ["OWN-NAME-REFUSED"]),
        (.ownName, [(.authenticate(.ownName), 235), (.mail, 530)], ["PIPELINED-AUTH"]),
        (.foreignName, [(.authenticate(.foreignName), 535)], []),
        (.foreignName, [(.authenticate(.foreignName), 235)], ["FOREIGN-NAME-ACCEPTED"]),
        (.foreignName, [(.authenticate(.foreignName), 550)], ["FOREIGN-NAME-NOT-535"]),
        (.commonName, [(.authenticate(.commonName), 535)], []),
        (.commonName, [(.authenticate(.commonName), 501)], ["FOREIGN-NAME-NOT-535"]),
        (.commonName, [(.authenticate(.commonName), 235)], ["COMMON-NAME-ACCEPTED"]),
        (.emptyLine, [(.authenticate(.emptyLine), 235), (.authenticateAgain, 503), (.foreignMail, 550)], []),
        (.emptyLine, [(.authenticate(.emptyLine), 501)], ["EMPTY-RESPONSE-REFUSED"]),
        (
            .emptyLine, [(.authenticate(.emptyLine), 235), (.authenticateAgain, 235), (.foreignMail, 550)],
            ["SECOND-AUTH"]
        ),
        (
            .emptyLine,
            [(.authenticate(.emptyLine), 235), (.authenticateAgain, 503), (.foreignMail, 250), (.recipient, 250)],
            ["ANY-SENDER-ACCEPTED"]
        ),
        (
            .emptyLine,
            [(.authenticate(.emptyLine), 235), (.authenticateAgain, 503), (.foreignMail, 250), (.recipient, 553)], []
        ),
        (.equalsSign, [(.authenticate(.equalsSign), 501)], ["EQUALS-SIGN-REFUSED"]),
        (.trailingSpace, [(.authenticate(.trailingSpace), 501)], ["TRAILING-SPACE-REFUSED"]),
        (.inTransaction, [(.mail, 250), (.authenticate(.empty), 235), (.reset, 250)], ["AUTH-IN-TRANSACTION"]),
        (
            .inTransaction,
            [(.mail, 250), (.authenticate(.empty), 503), (.reset, 250), (.authenticate(.trailingSpace), 235)], []
        ),
        (
            .inTransaction,
            [(.mail, 250), (.authenticate(.empty), 503), (.reset, 250), (.authenticate(.trailingSpace), 535)],
            ["TRAILING-SPACE-REFUSED"]
        ),
        (.foreignSender, [(.foreignMail, 250), (.recipient, 250)], ["ANY-SENDER-ACCEPTED"]),
        (.foreignSender, [(.foreignMail, 550)], []),
    ]

    @Test("the conformance list: what each answer tells")
    func conformance() throws {
        for (check, answers, expected) in Self.answers {
            var evidence = try Self.evidence(.externalOnly)
            let before = Self.ids(evidence)
            var observation = Observation(.extended(check))
            observation.capabilities = .init(Reply(250, lines: ["mx", "PIPELINING", "AUTH EXTERNAL"]))
            observation.answers = answers.map { .init(command: $0.0, reply: Reply($0.1, "words")) }
            evidence.add(observation)
            #expect(Set(Self.ids(evidence)).subtracting(before) == Set(expected), "\(check), \(answers)")
        }
    }

    @Test("the conformance list fits into twelve connections, on the port with STARTTLS and a server that takes all")
    func fits() throws {
        for kind in [Verdict.Kind.both, .externalOnly] {
            let sketch = try #require(VerdictTests.table.first { $0.verdict == kind })
            var evidence = PortEvidence(
                ProbeTarget(host: "mx.example", port: 587, security: .starttls), .sample(isExtended: true), at: .probed)
            for observation in sketch.evidence.observations.values { evidence.add(observation) }
            var count = 0
            while let step = ProbePlan.nextCheck(evidence) {
                count += 1
                evidence.add(Observation(step))
            }
            // The last is not reached where AUTH in a transaction is to be tried, and nothing is learnt of the space there.
            let limit = ProbeBudget.extendedConnectionLimit - ProbeBudget.connectionLimit
            #expect(count == (kind == .both ? limit + 1 : limit))
        }
    }
}
