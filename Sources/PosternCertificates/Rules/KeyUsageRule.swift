import SwiftASN1

extension Rule {
    /// Where a key usage is stated, it holds what the key is used for.
    public static let keyUsage = Rule(name: "key usage", clause: "RFC 5280 §4.2.1.3")
}

struct KeyUsageRule: FixedRule {
    let rule = Rule.keyUsage
    let enforcedExtensions: [ASN1ObjectIdentifier] = [.CertificateExtension.keyUsage]

    func check(_ step: Step) -> Verdict {
        guard let usage = step.certificate.extensions.keyUsage.value else { return .notApplicable }
        if step.isLeaf {
            // The client signs the handshake with it (RFC 8446 §4.4.3).
            return usage.digitalSignature
                ? .passed : .broken(expected: "digitalSignature", found: usage.names, .notForClients)
        }
        return usage.keyCertSign
            ? .passed : .broken(expected: "keyCertSign", found: usage.names, .issuerNotTrusted)
    }

    func describe(_ step: Step) -> String {
        switch step.certificate.extensions.keyUsage {
        case .absent: "no keyUsage, so any"
        case .malformed: "keyUsage that cannot be read"
        case .value(let usage): usage.names
        }
    }
}
