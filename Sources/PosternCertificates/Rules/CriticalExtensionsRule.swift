import SwiftASN1

extension Rule {
    /// Every critical extension is one that a rule here enforces.
    public static let criticalExtensions = Rule(name: "critical extensions", clause: "RFC 5280 §4.2")
}

struct CriticalExtensionsRule: FixedRule {
    let rule = Rule.criticalExtensions

    func check(_ step: Step) -> Verdict {
        let faults = unknown(step).map {
            Fault(
                expected: "no critical extension that is not known here", found: Self.name($0),
                refusal: .unsupportedExtension)
        }
        return faults.isEmpty ? .passed : .broken(faults)
    }

    func describe(_ step: Step) -> String {
        let critical = step.certificate.extensions.critical
        return critical.isEmpty ? "none" : critical.map(Self.name).joined(separator: ", ")
    }

    private func unknown(_ step: Step) -> [ASN1ObjectIdentifier] {
        step.certificate.extensions.critical.filter { !Rules.enforcedExtensions.contains($0) }
    }

    private static func name(_ identifier: ASN1ObjectIdentifier) -> String {
        names[identifier].map { "\($0) (\(identifier))" } ?? identifier.description
    }

    private static let names: [ASN1ObjectIdentifier: String] = [
        .CertificateExtension.basicConstraints: "basicConstraints", .CertificateExtension.keyUsage: "keyUsage",
        .CertificateExtension.extendedKeyUsage: "extendedKeyUsage",
        .CertificateExtension.subjectAlternativeName: "subjectAltName",
        .CertificateExtension.nameConstraints: "nameConstraints", [2, 5, 29, 32]: "certificatePolicies",
        [2, 5, 29, 33]: "policyMappings", [2, 5, 29, 36]: "policyConstraints", [2, 5, 29, 54]: "inhibitAnyPolicy",
    ]
}
