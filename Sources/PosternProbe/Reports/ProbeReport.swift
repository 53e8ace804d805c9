/// What a run came to: a report for each port.
public struct ProbeReport: Sendable {
    public let ports: [PortReport]
    public let failedAuthentications: Int

    public init(_ ports: [PortEvidence], failedAuthentications: Int) {
        self.ports = ports.map(PortReport.init)
        self.failedAuthentications = failedAuthentications
    }

    /// Those where there is somebody.
    private var reached: [PortReport] { ports.filter { $0.verdict.kind != .unreachable } }

    /// For scripts; of two ports the worse one counts, and one where nobody listens only if nobody listens on the other.
    public var exitStatus: Int32 {
        reached.map(\.verdict.kind.exitStatus).max() ?? Verdict.Kind.unreachable.exitStatus
    }

    /// Ports of one server that do not do the same.
    public var difference: Finding? {
        let kinds = reached.map { "\($0.evidence.target.port) \($0.verdict.kind.rawValue)" }
        guard Set(reached.map(\.verdict.kind)).count > 1 else { return nil }
        return Finding(
            id: "PORTS-DIFFER", level: .warning,
            text: "the ports do not do the same: \(kinds.joined(separator: ", "))", clause: nil)
    }
}

/// The verdict on a port, with all that stands behind it.
public struct PortReport: Sendable {
    public let evidence: PortEvidence
    public let verdict: Verdict
    public let findings: [Finding]

    public init(_ evidence: PortEvidence) {
        self.evidence = evidence
        verdict = Verdict.judge(evidence)
        findings = Finding.all(evidence, verdict)
    }

    public func programs(_ outlook: MailProgram.Outlook) -> [MailProgram] {
        MailProgram.all.filter { $0.outlook(evidence) == outlook }
    }

    /// The steps that took place, in the order of the tree.
    var steps: [Observation] {
        let order: [ProbeStep] =
            [.clear, .withoutCertificate, .obsoleteTLS, .olderTLS, .withCertificate, .external, .stranger]
            + ConformanceCheck.allCases.map(ProbeStep.extended)
        return order.compactMap { evidence.observations[$0] }
    }
}

extension Verdict.Kind {
    public var exitStatus: Int32 {
        switch self {
        case .both: 0
        case .externalOnly: 10
        case .implicitOnly: 11
        case .ignoresCertificates: 12
        case .gate: 13
        case .externalBroken: 20
        case .notTrusted: 21
        case .inconclusive, .open: 30
        case .unreachable: 69
        case .temporary: 75
        }
    }

    /// For people.
    public var meaning: String {
        switch self {
        case .both: "takes AUTH EXTERNAL, and MAIL without AUTH: every program with a certificate can send"
        case .externalOnly: "takes a certificate with AUTH EXTERNAL alone"
        case .implicitOnly: "takes a certificate without AUTH alone"
        case .ignoresCertificates: "does not ask for certificates"
        case .gate: "wants a certificate, and a password as well"
        case .externalBroken: "offers AUTH EXTERNAL, which fails"
        case .notTrusted: "does not take this certificate"
        case .open: "takes mail from this address without any login"
        case .temporary: "refuses for the moment"
        case .unreachable: "is not to be spoken to over TLS"
        case .inconclusive: "does not show what it does with certificates"
        }
    }
}
