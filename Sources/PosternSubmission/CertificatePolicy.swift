/// What a client certificate opens on a listener: the three ways out that Chris Newman put before the YAM working group
/// in 2010, the legacy behaviour, and none (standards/policies.md).
public enum CertificatePolicy: String, Hashable, Sendable, CaseIterable {
    /// Option 2: AUTH EXTERNAL is offered, and MAIL without AUTH acts as an implicit `AUTH EXTERNAL =`.
    case both
    /// Option 1: a certificate alone is no authentication for submission; AUTH EXTERNAL makes it one.
    case explicit
    /// Option 3: a certificate counts for nothing until AUTH EXTERNAL.
    case strict
    /// The legacy B only: a certificate authorises MAIL, and EXTERNAL does not exist.
    case implicit
    /// No certificate is asked for.
    case off

    /// AUTH EXTERNAL exists; elsewhere it is an unknown mechanism (504).
    var hasExternal: Bool {
        switch self {
        case .both, .explicit, .strict: true
        case .implicit, .off: false
        }
    }

    /// MAIL without AUTH is accepted on the certificate alone.
    var acceptsMailOnCertificate: Bool {
        switch self {
        case .both, .implicit: true
        case .explicit, .strict, .off: false
        }
    }

    /// What MAIL without AUTH did is an authentication: AUTH is then complete (503), the trace says ESMTPSA, and a
    /// failed AUTH forbids it. Otherwise it is a mere permission.
    var implicitIsAuthentication: Bool { self == .both }

    /// Before AUTH nothing but the list of mechanisms may depend on the certificate, not even the words of a refusal.
    var hidesCertificateBeforeAuth: Bool { self == .strict }
}

/// What follows from a certificate that proves nothing (setting `unusable`).
public enum UnusableHandling: String, Hashable, Sendable, CaseIterable {
    /// The session goes on, unauthenticated.
    case `continue`
    /// Every command but QUIT is refused (RFC 3207 §4.1).
    case refuse
    /// The handshake fails with an alert.
    case abort
}
