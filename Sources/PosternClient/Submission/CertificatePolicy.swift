/// What a client does with its certificate. Servers differ: some want `AUTH EXTERNAL` behind the handshake, others take the
/// certificate alone for the authentication of MAIL and do not know EXTERNAL.
public enum CertificatePolicy: Hashable, Sendable {
    /// EXTERNAL where it is listed, else MAIL upon the certificate, and what has worked is remembered.
    case automatic
    /// EXTERNAL alone, as this identity; nil leaves it to the server to take it from the certificate.
    case external(authorizationIdentity: String?)
    /// MAIL upon the certificate, without AUTH.
    case implicit
    /// The certificate is never shown.
    case off
}

/// Where a certificate was used.
public struct CertificatePlace: Hashable, Sendable {
    public let host: String
    public let port: Int
    /// SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal digits: a renewed certificate keeps it.
    public let publicKeyHash: String

    public init(host: String, port: Int, publicKeyHash: String) {
        self.host = host
        self.port = port
        self.publicKeyHash = publicKeyHash
    }
}

/// What has worked with a certificate at a place.
public enum CertificateResult: Hashable, Sendable {
    /// `AUTH EXTERNAL` as this identity; nil is the empty one.
    case external(authorizationIdentity: String?)
    /// MAIL without AUTH.
    case implicit
    /// Neither.
    case refused
}

/// Keeps what has worked, so that the next connection begins with it. What turns out to be so no more is forgotten by the
/// client itself.
public protocol CertificateMemory: Sendable {
    func result(at place: CertificatePlace) async -> CertificateResult?
    /// Nil forgets.
    func remember(_ result: CertificateResult?, at place: CertificatePlace) async
}

/// A memory for as long as it lives itself.
public actor TransientCertificateMemory: CertificateMemory {
    private var results: [CertificatePlace: CertificateResult] = [:]

    public init() {}

    public func result(at place: CertificatePlace) -> CertificateResult? { results[place] }

    public func remember(_ result: CertificateResult?, at place: CertificatePlace) { results[place] = result }
}
