extension Rule {
    /// Signed with a hash that cannot be forged.
    public static let signatureAlgorithm = Rule(name: "signature algorithm", clause: "RFC 8446 §4.4.2.4")
}

struct SignatureAlgorithmRule: FixedRule {
    let rule = Rule.signatureAlgorithm
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        // The anchor's signature of itself proves nothing, so it may be of any kind.
        if step.isAnchor { return .notApplicable }
        let refusal: RefusalClass
        switch step.certificate.signed.algorithm {
        case .accepted: return .passed
        case .weak: refusal = .weakSignature
        case .unsupported: refusal = .unsupportedSignature
        }
        return .broken(
            expected: "RSA (PKCS #1 v1.5) or ECDSA with SHA-256, SHA-384 or SHA-512, or Ed25519",
            found: describe(step), refusal)
    }

    func describe(_ step: Step) -> String { step.certificate.signed.algorithm.name }
}
