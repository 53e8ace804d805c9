extension Rule {
    /// Every certificate's issuer is at hand, up to an authority of the configuration.
    public static let issuer = Rule(name: "issuer", clause: "RFC 5280 §6.1")
}

struct IssuerRule: FixedRule {
    let rule = Rule.issuer
    let isAskedOfPinnedKey = false

    func check(_ step: Step) -> Verdict {
        switch step.signature {
        case .none: .notApplicable
        case .issuerUnknown:
            .broken(
                expected: "an issuer among the configured authorities, or a pinned key", found: describe(step),
                .issuerNotTrusted)
        case .tooMany:
            .broken(
                expected: "a path of at most \(PathBuilder.maximumLength) certificates that is found with "
                    + "\(PathBuilder.maximumChecks) signature checks",
                found: "a chain that asks for more", .tooLarge)
        case .verified, .wrong, .notChecked: .passed
        }
    }

    func describe(_ step: Step) -> String {
        let certificate = step.certificate
        return certificate.isSelfIssued && step.signature == .issuerUnknown
            ? "a certificate that names itself as its issuer" : "issuer \(certificate.issuer.text)"
    }
}
