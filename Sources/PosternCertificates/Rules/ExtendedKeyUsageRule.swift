import SwiftASN1

extension Rule {
    /// Where purposes are stated, TLS clients are among them; on an authority they bound what it issues.
    public static let extendedKeyUsage = Rule(name: "extended key usage", clause: "RFC 5280 §4.2.1.12")
}

struct ExtendedKeyUsageRule: FixedRule {
    let rule = Rule.extendedKeyUsage
    let enforcedExtensions: [ASN1ObjectIdentifier] = [.CertificateExtension.extendedKeyUsage]

    func check(_ step: Step) -> Verdict {
        guard let usages = step.certificate.extensions.extendedKeyUsage.value else { return .notApplicable }
        // anyExtendedKeyUsage alone does not do: RFC 5280 lets us ask for the purpose itself.
        guard !usages.contains(Self.clientAuthentication) else { return .passed }
        return .broken(expected: "clientAuth", found: describe(step), .notForClients)
    }

    func describe(_ step: Step) -> String {
        switch step.certificate.extensions.extendedKeyUsage {
        case .absent: "no extendedKeyUsage, so any"
        case .malformed: "extendedKeyUsage that cannot be read"
        case .value(let usages):
            usages.prefix(8).map { Self.names[$0] ?? $0.description }.joined(separator: ", ")
        }
    }

    private static let clientAuthentication: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 2]
    private static let names: [ASN1ObjectIdentifier: String] = [
        [1, 3, 6, 1, 5, 5, 7, 3, 1]: "serverAuth", clientAuthentication: "clientAuth",
        [1, 3, 6, 1, 5, 5, 7, 3, 3]: "codeSigning", [1, 3, 6, 1, 5, 5, 7, 3, 4]: "emailProtection",
        [1, 3, 6, 1, 5, 5, 7, 3, 8]: "timeStamping", [1, 3, 6, 1, 5, 5, 7, 3, 9]: "OCSPSigning",
        [2, 5, 29, 37, 0]: "anyExtendedKeyUsage",
    ]
}
