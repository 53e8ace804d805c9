extension Rule {
    /// The client sent no more certificates than we look at.
    public static let chainLength = Rule(name: "chain length", clause: "Postern limit")
}

struct ChainLengthRule: FixedRule {
    let rule = Rule.chainLength
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        guard step.isLeaf else { return .notApplicable }
        guard step.path.presentedCount > PresentedChain.maximumCount else { return .passed }
        return .broken(
            expected: "at most \(PresentedChain.maximumCount) certificates", found: describe(step), .tooLarge)
    }

    func describe(_ step: Step) -> String { "\(step.path.presentedCount) certificates presented" }
}
