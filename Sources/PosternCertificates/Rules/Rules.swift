import PosternMail
import SwiftASN1

/// All rules, in the order in which findings and the explanation list them. To add one: a file beside this one, its line
/// here, its test.
enum Rules {
    /// What a chain itself says, the same at every moment: looked at once, at the handshake.
    static let fixed: [any FixedRule] = [
        WellFormedRule(),
        ChainLengthRule(),
        IssuerRule(),
        SignatureRule(),
        SignatureAlgorithmRule(),
        KeyStrengthRule(),
        BasicConstraintsRule(),
        PathLengthRule(),
        KeyUsageRule(),
        ExtendedKeyUsageRule(),
        NameConstraintsRule(),
        AlternativeNamesRule(),
        CriticalExtensionsRule(),
    ]

    /// What changes with time and with the authorities' lists: looked at again for every decision.
    static let validity = ValidityRule()
    static let revocation = RevocationRule()

    /// The extensions whose meaning some rule enforces. A critical one outside of them refuses.
    static let enforcedExtensions: Set<ASN1ObjectIdentifier> = Set(fixed.flatMap(\.enforcedExtensions))
}

/// What a rule says of one certificate in its place.
enum Verdict: Sendable {
    case passed
    case notApplicable
    case broken([Fault])

    static func broken(expected: String, found: String, _ refusal: RefusalClass) -> Verdict {
        .broken([Fault(expected: expected, found: found, refusal: refusal)])
    }
}

/// A finding before rule and certificate are put to it.
struct Fault: Sendable {
    let expected: String
    let found: String
    let refusal: RefusalClass
}

/// A check on one certificate in its place on a path.
protocol FixedRule: Sendable {
    var rule: Rule { get }
    /// The extensions that this rule gives their meaning, so that they may be critical.
    var enforcedExtensions: [ASN1ObjectIdentifier] { get }
    /// Whether it is asked of a leaf whose key is pinned, where the chain is not.
    var isAskedOfPinnedKey: Bool { get }

    func check(_ step: Step) -> Verdict
    /// What the rule sees there, in a few words, whether it passes or not.
    func describe(_ step: Step) -> String
}

extension FixedRule {
    var enforcedExtensions: [ASN1ObjectIdentifier] { [] }
    var isAskedOfPinnedKey: Bool { true }

    func findings(at step: Step) -> [Finding] { check(step).findings(rule, step) }
}

extension Verdict {
    func findings(_ rule: Rule, _ step: Step) -> [Finding] {
        guard case .broken(let faults) = self else { return [] }
        return faults.map {
            Finding(
                rule: rule, certificate: step.reference, expected: $0.expected, found: $0.found, refusal: $0.refusal)
        }
    }
}
