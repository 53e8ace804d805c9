public import PosternMail

/// The judgement with the reason of every step, for `postern explain`.
public struct Explanation: Sendable {
    /// What one rule said of one certificate.
    public struct Row: Hashable, Sendable, CustomStringConvertible {
        public enum Outcome: Hashable, Sendable {
            case passed
            /// The rule has nothing to look at there.
            case notApplicable
            /// The key is pinned, and of a pinned key this is not asked.
            case notAsked
            case broken([Finding])
        }

        public let rule: Rule
        public let certificate: CertificateReference
        public let outcome: Outcome
        /// What the rule saw.
        public let words: String

        public var description: String {
            let verdict =
                switch outcome {
                case .passed: "ok"
                case .notApplicable: "-"
                case .notAsked: "not asked"
                case .broken: "BROKEN"
                }
            return "\(verdict): \(rule.name) of \(certificate): \(words) (\(rule.clause))"
        }
    }

    /// The same that `Examination.state(at:trust:)` gives.
    public let state: CertificateState
    /// The path that counted, the client's certificate first; with no authority at its end if it leads to none.
    public let path: [CertificateReference]
    /// Every rule on every certificate of the path.
    public let rows: [Row]
}

extension Rule {
    /// Whether the leaf's key is known by itself, so that its chain is not asked for.
    public static let pinnedKey = Rule(name: "pinned key", clause: "RFC 7469 §2.4")
}

extension Examination {
    /// The state, and how it came about.
    public func explanation(at moment: Timestamp, trust: Trust) -> Explanation {
        guard trust.anchorsID == anchorsID else {
            return Examination(of: chain, against: trust).explanation(at: moment, trust: trust)
        }
        let judgement = Judgement(self, at: moment, trust)
        let steps = judgement.path?.examined.steps ?? []
        return Explanation(state: judgement.state, path: steps.map(\.reference), rows: judgement.rows)
    }
}

extension Judgement {
    fileprivate var rows: [Explanation.Row] {
        guard let path, let facts = examination.facts, let leaf = path.examined.steps.first else {
            return examination.unreadable.map {
                .init(rule: $0.rule, certificate: $0.certificate, outcome: .broken([$0]), words: $0.found)
            }
        }
        let pin = Explanation.Row(
            rule: .pinnedKey, certificate: leaf.reference, outcome: isPinned ? .passed : .notApplicable,
            words: "\(facts.keyFingerprint) is \(isPinned ? "" : "not ")pinned")
        return [pin] + fixedRows(path) + validityRows(path) + revocationRows(path)
    }

    private func fixedRows(_ path: PathJudgement) -> [Explanation.Row] {
        Rules.fixed.flatMap { rule in
            path.examined.steps.map { step in
                row(
                    rule.rule, step, rule.check(step), words: rule.describe(step),
                    isAsked: !isPinned || (step.isLeaf && rule.isAskedOfPinnedKey))
            }
        }
    }

    private func validityRows(_ path: PathJudgement) -> [Explanation.Row] {
        path.examined.steps.map { step in
            row(
                Rules.validity.rule, step, Rules.validity.check(step, at: moment), words: Rules.validity.describe(step),
                isAsked: !isPinned || step.isLeaf)
        }
    }

    private func revocationRows(_ path: PathJudgement) -> [Explanation.Row] {
        var rows: [Explanation.Row] = []
        if let authority = path.authority, path.examined.path.isSignedThroughout {
            rows = path.examined.steps.filter { !$0.isAnchor }.map { revocationRow($0, authority) }
        }
        // What another path shows of the leaf counts for all.
        if let leafRevocation, !rows.contains(where: { $0.outcome == .broken([leafRevocation]) }) {
            rows.append(
                .init(
                    rule: leafRevocation.rule, certificate: leafRevocation.certificate,
                    outcome: .broken([leafRevocation]), words: leafRevocation.found))
        }
        return rows
    }

    private func revocationRow(_ step: Step, _ authority: Authority) -> Explanation.Row {
        let answer = Rules.revocation.answer(step, authority, at: moment)
        let outcome: Explanation.Row.Outcome =
            switch answer {
            case .noLists, .notCovered, .stale: .notApplicable
            case .good: .passed
            case .revoked where isPinned && !step.isLeaf: .notAsked
            case .revoked(let list): .broken([Rules.revocation.finding(step, list)])
            }
        return .init(
            rule: Rules.revocation.rule, certificate: step.reference, outcome: outcome,
            words: Rules.revocation.describe(step, answer))
    }

    private func row(
        _ rule: Rule, _ step: Step, _ verdict: Verdict, words: String, isAsked: Bool
    ) -> Explanation.Row {
        let outcome: Explanation.Row.Outcome =
            switch verdict {
            case .passed: .passed
            case .notApplicable: .notApplicable
            case .broken where !isAsked: .notAsked
            case .broken: .broken(verdict.findings(rule, step))
            }
        return .init(rule: rule, certificate: step.reference, outcome: outcome, words: words)
    }
}
