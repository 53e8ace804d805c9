import SwiftASN1

extension Rule {
    /// No authority of the path bounds the names that it may issue: such bounds cannot be checked here yet, and a bound
    /// that is not checked is none.
    public static let nameConstraints = Rule(name: "name constraints", clause: "RFC 5280 §4.2.1.10")
}

struct NameConstraintsRule: FixedRule {
    let rule = Rule.nameConstraints
    let enforcedExtensions: [ASN1ObjectIdentifier] = [.CertificateExtension.nameConstraints]
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        // On a leaf they bound nothing: it issues nothing.
        guard !step.isLeaf else { return .notApplicable }
        guard step.certificate.extensions.hasNameConstraints else { return .passed }
        return .broken(
            expected: "no name constraints, as they cannot be checked here yet", found: describe(step), .constrained)
    }

    func describe(_ step: Step) -> String {
        step.certificate.extensions.hasNameConstraints ? "name constraints" : "none"
    }
}
