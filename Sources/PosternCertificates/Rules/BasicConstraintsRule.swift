import SwiftASN1

extension Rule {
    /// Whoever issues is an authority; whoever presents is none.
    public static let basicConstraints = Rule(name: "basic constraints", clause: "RFC 5280 §4.2.1.9")
}

struct BasicConstraintsRule: FixedRule {
    let rule = Rule.basicConstraints
    let enforcedExtensions: [ASN1ObjectIdentifier] = [.CertificateExtension.basicConstraints]
    // `openssl req -x509` makes authorities, and people pin what it makes.
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        switch (step.isLeaf, step.certificate.isAuthority) {
        case (true, false), (false, true): .passed
        case (true, true):
            .broken(
                expected: "a certificate of a person or a device, or a pinned key",
                found: "one of an authority (\(describe(step)))", .isAuthority)
        case (false, false):
            .broken(expected: "cA TRUE, as it issued the one before it", found: describe(step), .issuerNotTrusted)
        }
    }

    func describe(_ step: Step) -> String {
        switch step.certificate.extensions.basicConstraints {
        case .absent: "no basicConstraints"
        case .malformed: "basicConstraints that cannot be read"
        case .value(let value): value.isAuthority ? "cA TRUE" : "cA FALSE"
        }
    }
}
