import PosternConfiguration
import PosternIdentity
import PosternMail
import PosternSubmission

extension AssembledListener {
    /// - Parameter hasTrust: whether any certificate could be verified at all. Where none could, the listener behaves as
    ///   with the policy off; the configuration's hazards say so.
    init(
        _ listener: PosternConfiguration.Listener, hostname: Domain, postmaster: Mailbox,
        limits: PosternConfiguration.Limits, hasTrust: Bool
    ) {
        settings = Settings(
            hostname: hostname, postmaster: postmaster,
            listener: ListenerSettings(listener, policy: hasTrust ? listener.settings.policy : .off),
            limits: PosternSubmission.Limits(limits))
        address = listener.address?.value
        port = listener.port.value
    }
}

extension ListenerSettings {
    fileprivate init(_ listener: PosternConfiguration.Listener, policy: PosternConfiguration.CertificatePolicy) {
        self.init(
            name: listener.name.value, tls: listener.tls == .implicit ? .implicit : .startTLS,
            policy: PosternSubmission.CertificatePolicy(policy))
        let settings = listener.settings
        unusable =
            switch settings.unusable {
            case .proceed: .continue
            case .refuse: .refuse
            case .abort: .abort
            }
        certificateMustMatchAccount = settings.certificateAccount == .mustMatch
        withholdsPasswordsFromCertificates = settings.passwordsWithMappedCertificate == .withhold
        authorizationIdentityRule = settings.externalAuthzid == .ignore ? .ignore : .verify
        isSASLStrict = settings.strictSASL
        bareLineEnds = BareLineEnds(listener.bareNewline)
        minimumTLSForCertificates = settings.minimumTLS == .v1_3 ? .v13 : .v12
    }
}

extension PosternSubmission.CertificatePolicy {
    fileprivate init(_ policy: PosternConfiguration.CertificatePolicy) {
        self =
            switch policy {
            case .both: .both
            case .explicit: .explicit
            case .strict: .strict
            case .implicit: .implicit
            case .off: .off
            }
    }
}

extension BareLineEnds {
    init(_ setting: BareNewline) {
        self =
            switch setting {
            case .refuse: .refuse
            case .normalize: .normalize
            }
    }
}
