/// Whether a listener does what its policy says: the probe asked, and this compares.
public struct SelfCheck: Sendable {
    /// What a listener should be seen to do.
    public struct Expectation: Hashable, Sendable {
        /// With a certificate that leads to an account.
        public let verdict: Verdict.Kind
        /// Whether a certificate of nobody ends the connection.
        public let endsUnknown: Bool

        public init(verdict: Verdict.Kind, endsUnknown: Bool) {
            self.verdict = verdict
            self.endsUnknown = endsUnknown
        }
    }

    /// What differs, a sentence each; none where all is as it should be.
    public static func differences(_ report: PortReport, _ expected: Expectation) -> [String] {
        let evidence = report.evidence
        guard evidence.control?.capabilities != nil else {
            return ["it is not to be spoken to: \(report.verdict.reason)"]
        }
        var differences: [String] = []
        let isRequested = expected.verdict != .ignoresCertificates
        if evidence.isCertificateRequested != isRequested {
            differences.append(
                isRequested
                    ? "it asks for no certificate, and its policy takes some"
                    : "it asks for a certificate, and its policy takes none")
        } else if evidence.question.hasCertificate || !isRequested, report.verdict.kind != expected.verdict {
            differences.append(
                "it is \(report.verdict.kind.rawValue) in the place of \(expected.verdict.rawValue): \(report.verdict.reason)"
            )
        }
        if evidence.baseline.isAccepted { differences.append("it takes mail without any login") }
        if let stranger = evidence.stranger, (stranger.rejection != nil) != expected.endsUnknown {
            differences.append(
                expected.endsUnknown
                    ? "an unknown certificate does not end the connection"
                    : "an unknown certificate ends the connection: \(stranger.endWords)")
        }
        return differences + report.findings.filter { $0.level == .danger }.map(\.text)
    }
}
