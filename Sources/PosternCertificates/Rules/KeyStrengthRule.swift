extension Rule {
    /// A key that is strong enough, and not so large that checking with it is an attack.
    public static let keyStrength = Rule(name: "key strength", clause: "Postern limit")
}

struct KeyStrengthRule: FixedRule {
    let rule = Rule.keyStrength

    /// RSA above 4096 bits costs the server, not its sender (CVE-2023-29409).
    static let acceptedRSABits = 2048...4096

    static func accepts(_ key: SubjectKey.Kind) -> Bool {
        switch key {
        case .rsa(let bits): acceptedRSABits.contains(bits)
        case .p256, .p384, .p521, .ed25519: true
        case .other: false
        }
    }

    func check(_ step: Step) -> Verdict {
        guard !Self.accepts(step.certificate.key.kind) else { return .passed }
        return .broken(
            expected: "RSA of 2048 to 4096 bits, P-256, P-384, P-521 or Ed25519", found: describe(step), .weakKey)
    }

    func describe(_ step: Step) -> String { step.certificate.key.kind.description }
}
