extension Rule {
    /// Every certificate is signed with the key of the next one.
    public static let signature = Rule(name: "signature", clause: "RFC 5280 §6.1.3 (a)(1)")
}

struct SignatureRule: FixedRule {
    let rule = Rule.signature
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        switch step.signature {
        case .none, .issuerUnknown, .tooMany: .notApplicable
        case .verified: .passed
        case .wrong, .notChecked:
            .broken(
                expected: "a signature that the key of \(step.certificate.issuer.text) made", found: describe(step),
                .issuerNotTrusted)
        }
    }

    func describe(_ step: Step) -> String {
        switch step.signature {
        case .none: "the authority is trusted by the configuration, not by its own signature"
        case .issuerUnknown, .tooMany: "not checked: there is no key to check it with"
        case .verified: "made by the key of \(step.certificate.issuer.text)"
        case .wrong: "one that this key did not make"
        case .notChecked: "one that is not checked, as its algorithm or the issuer's key is refused"
        }
    }
}
