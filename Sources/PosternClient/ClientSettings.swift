/// How a client speaks to one next hop.
public struct ClientSettings: Sendable {
    public enum Dialect: Hashable, Sendable {
        case smtp
        /// RFC 2033: LHLO, and a reply for each recipient after the end of data.
        case lmtp
    }

    /// By which name it introduces itself.
    public var hostname: String
    public var dialect: Dialect
    public var tls: ClientTLS
    public var credentials: ClientCredentials
    public var timeouts: ClientTimeouts

    public init(
        hostname: String, dialect: Dialect = .smtp, tls: ClientTLS = .may, credentials: ClientCredentials = .none,
        timeouts: ClientTimeouts = ClientTimeouts()
    ) {
        self.hostname = hostname
        self.dialect = dialect
        self.tls = tls
        self.credentials = credentials
        self.timeouts = timeouts
    }
}

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

    var verifies: Bool { self == .verify || self == .implicit }
}

/// How long a client waits (RFC 5321 §4.5.3.2).
public struct ClientTimeouts: Hashable, Sendable {
    /// For the connection to be there. RFC 5321 leaves it to the system, whose two minutes are long.
    public var connection = Duration.seconds(30)
    /// For the TLS handshake.
    public var handshake = Duration.seconds(60)
    public var greeting = Duration.seconds(300)
    /// For EHLO, HELO, LHLO, STARTTLS, AUTH and RSET, of which the RFC does not speak.
    public var hello = Duration.seconds(300)
    public var mail = Duration.seconds(300)
    public var recipient = Duration.seconds(300)
    public var data = Duration.seconds(120)
    /// For one piece of the content to go out.
    public var block = Duration.seconds(180)
    public var endOfData = Duration.seconds(600)
    /// For QUIT, whose answer changes nothing.
    public var quit = Duration.seconds(5)

    public init() {}
}
