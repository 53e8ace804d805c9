/// The section `client-certificates`.
public struct ClientCertificates: Sendable, Equatable {
    /// What holds on every listener that says nothing else.
    public var settings = CertificateSettings()
    /// The authorities whose certificates are accepted, in the order of the file.
    public var authorities: [Authority] = []
}

/// What a listener makes of certificates and of the ways to log in.
public struct CertificateSettings: Sendable, Equatable {
    public var policy = CertificatePolicy.both
    public var unusable = UnusableCertificate.proceed
    public var certificateAccount = CertificateAccount.allow
    public var passwordsWithMappedCertificate = PasswordsWithMappedCertificate.offer
    public var externalAuthzid = ExternalAuthzid.verify
    /// Whether an exchange's odd forms that clients in the field send are refused (`=` as a response).
    public var strictSASL = false
    /// A certificate shown under an older TLS cannot log in.
    public var minimumTLS = TLSVersion.v1_2

    /// Where each key that was given stands.
    var places: [String: SourceLocation] = [:]

    public init() {}
}

/// What a client's certificate does at the SMTP layer.
public enum CertificatePolicy: String, Sendable, CaseIterable {
    /// AUTH EXTERNAL works, and MAIL without AUTH counts as if it had come before.
    case both
    /// AUTH EXTERNAL alone; a certificate may count elsewhere.
    case explicit
    /// AUTH EXTERNAL alone; before it nothing may depend on the certificate.
    case strict
    /// MAIL on the certificate alone; EXTERNAL is not spoken.
    case implicit
    /// No certificate is asked for.
    case off
}

/// What follows a certificate that cannot be used.
public enum UnusableCertificate: String, Sendable, CaseIterable {
    /// The session goes on as without a certificate.
    case proceed = "continue"
    /// 554 to all commands but QUIT.
    case refuse
    /// The handshake fails.
    case abort
}

/// Whether a password of another account than the certificate's is taken.
public enum CertificateAccount: String, Sendable, CaseIterable {
    case allow
    case mustMatch = "must-match"
}

/// Whether EHLO lists password mechanisms to a client whose certificate stands for an account.
public enum PasswordsWithMappedCertificate: String, Sendable, CaseIterable {
    case offer
    case withhold
}

/// Whether the authorization identity of EXTERNAL must name the certificate's account.
public enum ExternalAuthzid: String, Sendable, CaseIterable {
    case verify
    case ignore
}

public enum TLSVersion: String, Sendable, CaseIterable {
    case v1_2 = "1.2"
    case v1_3 = "1.3"
}

extension ClientCertificates {
    static let tableSettings: [Setting<ClientCertificates>] =
        CertificateSettings.settings(at: \.settings) + [
            Setting(
                name: "authorities",
                documentation: "Whose certificates are accepted. Accounts may also name keys, without any authority.",
                isRequired: false,
                example: .section(Authority.exampleLines),
                read: { node, reader, section in
                    section.authorities = reader.authorities(of: node)
                }
            )
        ]
}

extension CertificateSettings {
    /// The settings of a section that holds these, at the path.
    static func settings<Section>(
        at outer: WritableKeyPath<Section, CertificateSettings> & Sendable
    ) -> [Setting<Section>] {
        [
            .certificate(
                "policy", outer, \.policy, .choice,
                """
                both: AUTH EXTERNAL, or MAIL without AUTH. explicit: AUTH EXTERNAL alone. strict: likewise, and before it
                nothing depends on the certificate. implicit: MAIL alone. off: no certificate is asked for.
                """),
            .certificate(
                "unusable", outer, \.unusable, .choice,
                """
                What a certificate that cannot be used leads to. continue: a session as without one. refuse: 554.
                abort: the handshake fails.
                """),
            .certificate(
                "certificate-account", outer, \.certificateAccount, .choice,
                "A password of another account than the certificate's. allow: is taken. must-match: is refused."),
            .certificate(
                "passwords-with-mapped-certificate", outer, \.passwordsWithMappedCertificate, .choice,
                "Password mechanisms for a client whose certificate stands for an account. offer, or withhold."),
            .certificate(
                "external-authzid", outer, \.externalAuthzid, .choice,
                "An authorization identity in EXTERNAL. verify: must name the certificate's account. ignore: any."),
            .certificate(
                "strict-sasl", outer, \.strictSASL, .yesOrNo,
                "Whether forms of AUTH that only old clients send are refused."),
            .certificate(
                "client-cert-min-tls", outer, \.minimumTLS, .choice, "The oldest TLS in which a certificate can log in."
            ),
        ]
    }
}

extension Setting {
    fileprivate static func certificate<Value>(
        _ name: String,
        _ outer: WritableKeyPath<Section, CertificateSettings> & Sendable,
        _ inner: WritableKeyPath<CertificateSettings, Value> & Sendable,
        _ form: Form<Value>,
        _ documentation: String
    ) -> Setting {
        let example = Example.standard(form.write(CertificateSettings()[keyPath: inner]))
        return Setting(name: name, documentation: documentation, isRequired: false, example: example) {
            node, reader, section in
            guard let value = reader.value(of: node, key: name, as: form) else { return }
            section[keyPath: outer][keyPath: inner] = value.value
            section[keyPath: outer].places[name] = value.location
        }
    }
}
