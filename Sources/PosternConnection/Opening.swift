public import PosternSMTP

/// A connection from its first moment until the server has introduced itself over what TLS the settings ask for, as a pure
/// machine (RFC 5321 §3.1, §3.2, RFC 3207). It knows no command of a mail transaction: whoever opens a connection goes on
/// with a machine of its own.
///
///     connection ─> [TLS] ─> greeting ─> EHLO ─> [STARTTLS ─> TLS ─> EHLO] ─> open
public struct Opening: Hashable, Sendable {
    /// What is awaited.
    enum Stage: Hashable, Sendable {
        case connection
        case handshake
        case greeting
        /// The reply to EHLO or LHLO.
        case hello
        case helo
        case startTLS
    }

    /// What is to be done next.
    public enum Progress: Hashable, Sendable {
        /// Nothing: the other side speaks.
        case wait
        /// Say this line.
        case say(String)
        /// Begin TLS, if nothing stands behind what was read.
        case startTLS
        case open(ServerCapabilities)
        /// C15: whoever answers EHLO with our own hostname is this server, or one that would take our Received fields for
        /// its own.
        case ourselves
        /// A reply after which the connection is of no use.
        case refused(Reply)
        case failed(ClientFailure)
    }

    private let hostname: String
    private let dialect: ClientDialect
    private let tls: ClientTLS
    private let mayBeOurselves: Bool
    private var stage = Stage.connection
    /// What the server said last of what it offers.
    public private(set) var capabilities = ServerCapabilities()
    /// Whether TLS stands.
    public private(set) var isSecure = false

    /// - Parameter mayBeOurselves: whether a server with our own hostname is one to speak to.
    public init(hostname: String, dialect: ClientDialect = .smtp, tls: ClientTLS, mayBeOurselves: Bool = false) {
        self.hostname = hostname
        self.dialect = dialect
        self.tls = tls
        // In LMTP it is the mail store of the same host, which has a right to the name.
        self.mayBeOurselves = mayBeOurselves || dialect == .lmtp
    }

    /// Whether a TLS handshake runs, or is to begin.
    public var isSecuring: Bool { stage == .handshake }

    /// What is awaited now, in the words of failures.
    public var step: ClientStep {
        switch stage {
        case .connection: .connection
        case .handshake: .handshake
        case .greeting: .greeting
        case .hello: dialect == .lmtp ? .lhlo : .ehlo
        case .helo: .helo
        case .startTLS: .startTLS
        }
    }

    /// The transport is there.
    public mutating func connected() -> Progress {
        guard stage == .connection else { return .wait }
        guard tls == .implicit else {
            stage = .greeting
            return .wait
        }
        stage = .handshake
        return .startTLS
    }

    /// The handshake is over. RFC 3207 §4.2: what the server said before counts no more.
    public mutating func secured() -> Progress {
        guard stage == .handshake else { return .wait }
        isSecure = true
        guard tls == .implicit else { return sayHello() }
        stage = .greeting
        return .wait
    }

    public mutating func receive(_ reply: Reply) -> Progress {
        switch stage {
        case .connection, .handshake: .wait
        case .greeting: reply.code == 220 ? sayHello() : .refused(reply)
        case .hello: answerHello(reply)
        case .helo: reply.isPositive ? introduced(ServerCapabilities()) : .refused(reply)
        case .startTLS: answerStartTLS(reply)
        }
    }

    private mutating func sayHello() -> Progress {
        stage = .hello
        return .say("\(dialect == .lmtp ? "LHLO" : "EHLO") \(hostname)")
    }

    private mutating func answerHello(_ reply: Reply) -> Progress {
        if reply.isPositive { return isOurselves(reply) ? .ourselves : introduced(ServerCapabilities(reply)) }
        // RFC 5321 §3.2: a server that does not know EHLO may know HELO; LMTP has no older word (RFC 2033 §4.1).
        guard reply.code >= 500, dialect == .smtp else { return .refused(reply) }
        stage = .helo
        return .say("HELO \(hostname)")
    }

    private func isOurselves(_ reply: Reply) -> Bool {
        guard !mayBeOurselves, let name = reply.lines.first?.split(separator: " ").first else { return false }
        return name.lowercased() == hostname.lowercased()
    }

    /// The server has introduced itself: TLS next, or all that stands behind it.
    private mutating func introduced(_ capabilities: ServerCapabilities) -> Progress {
        self.capabilities = capabilities
        guard !isSecure, tls != .none else { return .open(capabilities) }
        if capabilities.offersStartTLS {
            stage = .startTLS
            return .say("STARTTLS")
        }
        if tls == .may { return .open(capabilities) }
        let text = "STARTTLS is not offered, and TLS is required"
        return .failed(ClientFailure(code: "4.7.4", text: text, .startTLSNotOffered))
    }

    private mutating func answerStartTLS(_ reply: Reply) -> Progress {
        if reply.code == 220 {
            stage = .handshake
            return .startTLS
        }
        guard reply.isRefusal, reply.code != 421, tls == .may else { return .refused(reply) }
        return .open(capabilities)
    }
}
