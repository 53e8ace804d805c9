import SwiftASN1

extension Rule {
    /// No more names in subjectAltName than we look at.
    public static let alternativeNames = Rule(name: "alternative names", clause: "Postern limit")
}

struct AlternativeNamesRule: FixedRule {
    let rule = Rule.alternativeNames
    let enforcedExtensions: [ASN1ObjectIdentifier] = [.CertificateExtension.subjectAlternativeName]

    func check(_ step: Step) -> Verdict {
        guard step.isLeaf, let names = step.certificate.extensions.alternativeNames.value else { return .notApplicable }
        guard names.count > AlternativeNames.maximumCount else { return .passed }
        return .broken(
            expected: "at most \(AlternativeNames.maximumCount) names", found: "\(names.count)", .tooLarge)
    }

    func describe(_ step: Step) -> String {
        guard let names = step.certificate.extensions.alternativeNames.value else { return "no subjectAltName" }
        let mailboxes = names.mailboxes.map(\.description).joined(separator: ", ")
        return mailboxes.isEmpty ? "\(names.count), none a mailbox" : "\(names.count), mailboxes: \(mailboxes)"
    }
}
