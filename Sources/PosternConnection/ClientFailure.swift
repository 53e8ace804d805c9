public import PosternSMTP

/// Why a recipient was not reached.
public struct ClientFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The enhanced status code (RFC 3463): the server's where it gave one.
    public let code: String
    /// Names the command, and what was answered.
    public let text: String
    /// What the server answered, on one line; nil where no reply is to blame.
    public var reply: String?
    /// The whole message went out and no answer came: the next hop may have it, and the next try may double it.
    public var isUncertain = false
    /// The next hop is to blame and not the message, of which it has nothing yet: another one may be tried at once.
    public var concernsNextHop = false
    /// Nobody is to blame: the attempt was given up before anything was said, since the process is stopping.
    public var isGivenUp = false
    /// What happened, for whoever has to act upon it.
    public var cause = Cause.other

    public enum Cause: Hashable, Sendable {
        case refused(ClientStep, Reply)
        case malformed(ClientStep)
        case lost(ClientStep)
        case timedOut(ClientStep)
        case cannotConnect(ConnectionFault)
        case tls(TLSFault)
        case startTLSNotOffered
        case unauthenticated(AuthenticationObstacle)
        case eightBitNotOffered
        case internationalMailNotOffered
        case tooLarge(limit: Int)
        case tooManyRecipients(limit: Int)
        case contentUnreadable
        case other
    }

    public init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    public var description: String {
        isUncertain ? "\(text); it may have taken the message, which can then come twice" : text
    }
}

extension ClientFailure {
    /// For a reply of 4yz or 5yz, or one that the command does not allow.
    public init(_ step: ClientStep, answered reply: Reply, isPermanent: Bool) {
        let level = isPermanent ? 5 : 4
        let enhanced = reply.enhanced ?? EnhancedCode(0, 0)
        self.init(
            code: "\(level).\(enhanced.subject).\(enhanced.detail)", text: "\(step) was answered \(reply.summary)")
        self.reply = reply.summary
        cause = .refused(step, reply)
    }

    public init(code: String, text: String, _ cause: Cause) {
        self.init(code: code, text: text)
        self.cause = cause
    }

    public static func lost(_ step: ClientStep, _ reason: String) -> ClientFailure {
        ClientFailure(code: "4.4.2", text: "\(step): the connection was lost: \(reason)", .lost(step))
    }

    public static func timedOut(_ step: ClientStep, after time: Duration) -> ClientFailure {
        ClientFailure(code: "4.4.2", text: "\(step): no answer within \(time.components.seconds) s", .timedOut(step))
    }

    public static func fault(_ step: ClientStep, _ fault: ReplyFault) -> ClientFailure {
        ClientFailure(code: "4.5.0", text: "\(step) was answered with \(fault)", .malformed(step))
    }
}

/// Why a client does not begin to show who it is.
public enum AuthenticationObstacle: Hashable, Sendable {
    case needsVerifiedTLS
    /// The server did not ask for the certificate.
    case certificateNotRequested
    case externalNotOffered
    /// What it offers instead.
    case noCommonMechanism(offered: [String])
    /// The exchange went wrong, in the server's half of SCRAM above all.
    case exchange
}

/// What a client waits for, in the words of its failures.
public enum ClientStep: String, Hashable, Sendable, CustomStringConvertible {
    case connection
    case handshake = "TLS handshake"
    case greeting
    case ehlo = "EHLO"
    case helo = "HELO"
    case lhlo = "LHLO"
    case startTLS = "STARTTLS"
    case authentication = "AUTH"
    case mail = "MAIL"
    case recipient = "RCPT"
    case data = "DATA"
    case content
    case endOfData = "end of data"
    case reset = "RSET"
    case quit = "QUIT"

    public var description: String { rawValue }
}

extension ClientFailure {
    /// The transport has gone before the server had introduced itself.
    public init(_ opening: Opening, lost reason: String) {
        switch opening.step {
        case .connection: self.init(code: "4.4.1", text: reason, .lost(.connection))
        case .handshake:
            self.init(code: "4.7.5", text: "the TLS handshake failed: \(reason)", .lost(.handshake))
        default: self = .lost(opening.step, reason)
        }
    }
}
