/// Whether a connection has TLS, and what the server's certificate must say. The machine knows when TLS begins; the
/// transport checks certificates.
public enum ClientTLS: Hashable, Sendable {
    /// Never.
    case none
    /// With STARTTLS where it is offered, whatever the certificate says (RFC 7435).
    case may
    /// With STARTTLS and a verified certificate, or not at all.
    case verify
    /// With the first octet, and a verified certificate.
    case implicit

    /// Whether the server shows who it is.
    public var verifies: Bool { self == .verify || self == .implicit }
}
