extension Rule {
    /// No more intermediates below an authority than it allows.
    public static let pathLength = Rule(name: "path length", clause: "RFC 5280 §4.2.1.9")
}

struct PathLengthRule: FixedRule {
    let rule = Rule.pathLength
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        guard !step.isLeaf, let allowed = step.certificate.extensions.basicConstraints.value?.pathLength else {
            return .notApplicable
        }
        let below = intermediatesBelow(step)
        guard below > allowed else { return .passed }
        return .broken(
            expected: "at most \(allowed) intermediate certificates below it", found: "\(below)", .issuerNotTrusted)
    }

    func describe(_ step: Step) -> String {
        guard !step.isLeaf else { return "the leaf issues nothing" }
        guard let allowed = step.certificate.extensions.basicConstraints.value?.pathLength else {
            return "no pathLenConstraint"
        }
        return "pathLenConstraint \(allowed), \(intermediatesBelow(step)) below"
    }

    /// RFC 5280 §4.2.1.9: the leaf does not count, nor do certificates that an authority issued to itself.
    private func intermediatesBelow(_ step: Step) -> Int {
        step.path.certificates.prefix(step.index).dropFirst().filter { !$0.isSelfIssued }.count
    }
}
