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
        guard control.tls != nil || control.isCertificateRequested else {
            return control.isWithoutTLS ? steps + [.obsoleteTLS] : steps
        }
        steps.append(.olderTLS)
        // Without a request there is nothing to show a certificate to (RFC 8314 §5.5).
        guard control.isCertificateRequested else { return steps }
        if evidence.question.hasCertificate {
            steps.append(.withCertificate)
            let isListed = evidence.implicit?.listsExternal == true
            if isListed || evidence.triesUnlisted { steps.append(.external) }
        }
        steps.append(.stranger)
        return steps
    }

    private static func conformance(_ evidence: PortEvidence) -> [ProbeStep] {
        guard evidence.question.isExtended, evidence.question.hasCertificate else { return [] }
        let isElsewhereKnown = evidence.question.recipient != nil
        let sender: [ConformanceCheck] =
            isElsewhereKnown && !evidence.isExternalAccepted && evidence.sequenceB.isAccepted ? [.foreignSender] : []
        guard let external = evidence.external?.authentication else { return sender.map(ProbeStep.extended) }
        // Exim's documented example takes the address, and refuses the empty name.
        guard external.code == 235 else { return ([.ownName] + sender).map(ProbeStep.extended) }
        let isMailFree = evidence.implicit?.reply(to: .mail)?.isPositive == true
        let isNamed = evidence.question.certificate?.commonName != nil
        var checks: [ConformanceCheck] = [.ownName]
        if isElsewhereKnown { checks.append(.foreignName) }
        if isNamed { checks.append(.commonName) }
        checks.append(.emptyLine)
        if isMailFree { checks.append(.inTransaction) }
        if !evidence.hasTriedTrailingSpace { checks.append(.trailingSpace) }
        checks.append(.equalsSign)
        return checks.map(ProbeStep.extended)
    }
}

extension Observation {
    /// Whether somebody was there, and no TLS of today came about, for no fault in the server's certificate.
    fileprivate var isWithoutTLS: Bool {
        guard isConnected, tls == nil, case .failed(.handshake, let failure) = end else { return false }
        return !failure.isOfServerCertificate
    }
}

extension PortEvidence {
    /// Whether the form with a space was looked at in passing: 503 is said to who is logged in already by MAIL.
    fileprivate var hasTriedTrailingSpace: Bool {
        let reply = observations[.extended(.inTransaction)]?.reply(to: .authenticate(.trailingSpace))
        return reply.map { $0.code != 503 } ?? false
    }

    /// Whether AUTH EXTERNAL is said although it is not listed: where there is somebody to say it to.
    fileprivate var triesUnlisted: Bool { question.triesUnlisted && implicit?.capabilities != nil }
}
