/// Values of a setting that mean nothing under some policy, as a row of a table.
struct PolicyRule: Sendable {
    let key: String
    /// What holds without the key. Saying so is never wrong, whatever the policy.
    let standard: String
    /// The value as it is written.
    let value: @Sendable (CertificateSettings) -> String
    /// What each policy makes of any other value; it is honoured under a policy that is missing here.
    let verdicts: [CertificatePolicy: Verdict]

    /// Both are followed by why: a sentence.
    enum Verdict: Sendable {
        /// It contradicts the policy, even where the listener only takes it over from the common settings.
        case contradiction(String)
        /// It has no effect: an error where no listener is left on which it has one.
        case noEffect(String)
    }

    static let all: [PolicyRule] = {
        let off = Verdict.noEffect("no certificate is asked for")
        let noExternal = Verdict.noEffect("there is no AUTH EXTERNAL")
        return [
            rule(
                "unusable", \.unusable,
                [.strict: .contradiction("before AUTH nothing may depend on the certificate"), .off: off]),
            rule(
                "certificate-account", \.certificateAccount,
                [.strict: .contradiction("under strict a certificate counts only in AUTH EXTERNAL"), .off: off]),
            rule(
                "passwords-with-mapped-certificate", \.passwordsWithMappedCertificate,
                [.implicit: noExternal, .off: off]),
            rule("external-authzid", \.externalAuthzid, [.implicit: noExternal, .off: off]),
            rule("client-cert-min-tls", \.minimumTLS, [.off: off]),
        ]
    }()

    private static func rule<Value: RawRepresentable<String> & Sendable>(
        _ key: String,
        _ path: KeyPath<CertificateSettings, Value> & Sendable,
        _ verdicts: [CertificatePolicy: Verdict]
    ) -> PolicyRule {
        PolicyRule(
            key: key, standard: CertificateSettings()[keyPath: path].rawValue, value: { $0[keyPath: path].rawValue },
            verdicts: verdicts)
    }

    /// Nil where the value is honoured.
    func verdict(on settings: CertificateSettings) -> Verdict? {
        value(settings) == standard ? nil : verdicts[settings.policy]
    }

    /// Why the value has no effect; nil where it has one, or is a contradiction.
    func lackOfEffect(on settings: CertificateSettings) -> String? {
        guard case .noEffect(let why) = verdict(on: settings) else { return nil }
        return "under the policy \(settings.policy.rawValue) \(why)"
    }
}
