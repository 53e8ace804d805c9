/// Which step comes next, given what was seen.
enum ProbePlan {
    /// - Returns: nil when there is nothing more to learn for the verdict.
    static func next(_ evidence: PortEvidence) -> ProbeStep? { open(steps(evidence), evidence) }

    /// - Returns: nil when the conformance list is through, or was not asked for.
    static func nextCheck(_ evidence: PortEvidence) -> ProbeStep? { open(conformance(evidence), evidence) }

    private static func open(_ steps: [ProbeStep], _ evidence: PortEvidence) -> ProbeStep? {
        steps.first { evidence.observations[$0] == nil && evidence.untried[$0] == nil }
    }

    private static func steps(_ evidence: PortEvidence) -> [ProbeStep] {
        var steps: [ProbeStep] = evidence.target.security == .starttls ? [.clear] : []
        if let clear = evidence.observations[.clear], clear.clear?.offersStartTLS != true { return steps }
        steps.append(.withoutCertificate)
        guard let control = evidence.observations[.withoutCertificate] else { return steps }
        guard control.tls != nil || control.isCertificateRequested else { return steps }
        steps.append(.olderTLS)
        // Without a request there is nothing to show a certificate to (RFC 8314 §5.5).
        guard control.isCertificateRequested else { return steps }
        if evidence.question.hasCertificate {
            steps.append(.withCertificate)
            if evidence.observations[.withCertificate]?.listsExternal == true { steps.append(.external) }
        }
        steps.append(.stranger)
        return steps
    }

    private static func conformance(_ evidence: PortEvidence) -> [ProbeStep] {
        guard evidence.question.isExtended, let external = evidence.external?.authentication else { return [] }
        // Exim's documented example takes the address, and refuses the empty name.
        guard external.code == 235 else { return [.extended(.ownName)] }
        return ConformanceCheck.allCases.filter { check in
            switch check {
            // Without another address of the person there is none to ask for.
            case .foreignName: evidence.question.recipient != nil
            case .inTransaction: evidence.observations[.withCertificate]?.reply(to: .mail)?.isPositive == true
            default: true
            }
        }.map(ProbeStep.extended)
    }
}
