public import PosternMail

extension Examination {
    /// The chain's state at one moment against one configuration, worked out anew each time: set look-ups and
    /// comparisons, about a microsecond where nothing is wrong.
    ///
    /// - Parameters:
    ///   - moment: now; nothing here reads a clock.
    ///   - trust: the newest. If its authorities are others than those examined against, the chain is examined again.
    public func state(at moment: Timestamp, trust: Trust) -> CertificateState {
        guard trust.anchorsID == anchorsID else {
            return Examination(of: chain, against: trust).state(at: moment, trust: trust)
        }
        return Judgement(self, at: moment, trust).state
    }
}

/// An examination judged at one moment: the one place that decides, whose parts the explanation prints.
struct Judgement {
    let examination: Examination
    let moment: Timestamp
    let trust: Trust
    let isPinned: Bool
    /// The path that counts: one that nothing is wrong with, or else the one with the fewest findings.
    private(set) var path: PathJudgement?
    /// That a list revokes the leaf, on whichever path: then no other path makes it good, and no pin.
    private(set) var leafRevocation: Finding?

    /// What one path comes to.
    struct PathJudgement {
        let examined: Examination.ExaminedPath
        let authority: Authority?
        var findings: [Finding]
        var revocation = RevocationStatus.notChecked
        var warnings: [CertificateWarning] = []
    }

    /// - Precondition: `trust.anchorsID` is that of the examination.
    init(_ examination: Examination, at moment: Timestamp, _ trust: Trust) {
        self.examination = examination
        self.moment = moment
        self.trust = trust
        isPinned = examination.facts.map { trust.pinnedKeys.contains($0.keyFingerprint) } ?? false
        for examined in examination.paths {
            let judged = judge(examined)
            if let best = path, best.findings.count <= judged.findings.count { continue }
            path = judged
        }
    }

    var state: CertificateState {
        guard !examination.chain.isEmpty else { return .none }
        guard let facts = examination.facts, let path else {
            return .unusable(UnusableCertificate(facts: nil, findings: examination.unreadable))
        }
        let findings = isPinned ? findingsOfPinned : findings(of: path)
        guard findings.isEmpty else { return .unusable(UnusableCertificate(facts: facts, findings: findings)) }
        let isSigned = path.examined.path.isSignedThroughout
        return .verified(
            VerifiedCertificate(
                facts: facts, authority: path.findings.isEmpty ? path.authority?.id : nil, isPinned: isPinned,
                revocation: isSigned ? path.revocation : .notChecked, warnings: isSigned ? path.warnings : []))
    }

    private func findings(of path: PathJudgement) -> [Finding] {
        guard let leafRevocation, !path.findings.contains(leafRevocation) else { return path.findings }
        return path.findings + [leafRevocation]
    }

    private var findingsOfPinned: [Finding] {
        var findings = examination.findingsIfPinned
        if let leaf = examination.paths.first?.steps.first {
            findings += Rules.validity.check(leaf, at: moment).findings(Rules.validity.rule, leaf)
        }
        return findings + (leafRevocation.map { [$0] } ?? [])
    }

    private mutating func judge(_ examined: Examination.ExaminedPath) -> PathJudgement {
        let authority = examined.path.anchor.map { trust.authorities[$0.authority] }
        var judged = PathJudgement(examined: examined, authority: authority, findings: examined.findings)
        for step in examined.steps {
            judged.findings += Rules.validity.check(step, at: moment).findings(Rules.validity.rule, step)
        }
        if let authority { judgeRevocation(&judged, authority) }
        return judged
    }

    /// Lists speak of certificates by issuer's name and number, so a path counts only if its signatures bind these.
    private mutating func judgeRevocation(_ judged: inout PathJudgement, _ authority: Authority) {
        guard judged.examined.path.isSignedThroughout, !authority.lists.isEmpty else { return }
        var status = RevocationStatus.good
        for step in judged.examined.steps where !step.isAnchor {
            switch Rules.revocation.answer(step, authority, at: moment) {
            case .noLists, .good: break
            case .revoked(let list):
                let finding = Rules.revocation.finding(step, list)
                judged.findings.append(finding)
                if step.isLeaf, leafRevocation == nil { leafRevocation = finding }
            case .notCovered:
                if case .good = status { status = .notCovered(issuer: step.certificate.issuer.text) }
            case .stale(let list):
                switch (authority.revocation, status) {
                case (.soft, _): judged.warnings.append(.staleList(list))
                case (.hard, .unavailable): break
                case (.hard, _): status = .unavailable(list)
                }
            }
        }
        judged.revocation = status
    }
}
