public import PosternConnection

/// How a client speaks to one next hop.
public struct ClientSettings: Sendable {
    public typealias Dialect = ClientDialect

    /// By which name it introduces itself.
    public var hostname: String
    public var dialect: Dialect
    public var tls: ClientTLS
    public var credentials: ClientCredentials
    public var timeouts: ClientTimeouts
    /// What the connection of a submission tries; nil for a relay, which uses whatever credentials it has.
    var submission: SubmissionMethod?

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
