public import PosternSMTP

/// What became of one recipient in a transaction.
public enum RecipientResult: Hashable, Sendable {
    /// The next hop has taken the responsibility, with this reply. One that offers DSN has also been told of what the
    /// sender wants to hear, and reports in our place (RFC 3461 §5.2.1).
    case delivered(Reply, offersDSN: Bool)
    /// It may be tried again.
    case deferred(ClientFailure)
    /// It must not be tried again.
    case failed(ClientFailure)
    /// The next hop takes no more recipients in one transaction (RFC 9422): another one is due for this one.
    case untried
}

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

    public init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    public var description: String {
        isUncertain ? "\(text); it may have taken the message, which can then come twice" : text
    }
}

extension ClientFailure {
    /// A reply of 4yz or 5yz, or one that the command does not allow.
    init(_ step: ClientStep, answered reply: Reply, isPermanent: Bool) {
        let level = isPermanent ? 5 : 4
        let enhanced = reply.enhanced ?? EnhancedCode(0, 0)
        self.init(
            code: "\(level).\(enhanced.subject).\(enhanced.detail)", text: "\(step) was answered \(reply.summary)")
        self.reply = reply.summary
    }

    static func lost(_ step: ClientStep, _ reason: String) -> ClientFailure {
        ClientFailure(code: "4.4.2", text: "\(step): the connection was lost: \(reason)")
    }

    static func timedOut(_ step: ClientStep, after time: Duration) -> ClientFailure {
        ClientFailure(code: "4.4.2", text: "\(step): no answer within \(time.components.seconds) s")
    }

    static func fault(_ step: ClientStep, _ fault: ReplyFault) -> ClientFailure {
        ClientFailure(code: "4.5.0", text: "\(step) was answered with \(fault)")
    }
}

/// What a client waits for, in the words of its failures.
enum ClientStep: String, Hashable, Sendable, CustomStringConvertible {
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

    var description: String { rawValue }
}

extension Reply {
    /// The reply on one line, cut where a server says more than a log or a report wants.
    public var summary: String {
        let numbers = enhanced.map { "\(code) \(code / 100).\($0.subject).\($0.detail)" } ?? "\(code)"
        let text = String(lines.joined(separator: " / ").prefix(500))
        return text.isEmpty ? numbers : "\(numbers) \(text)"
    }

    /// RFC 5321 §4.2.1: whether the answer is 2yz.
    var isPositive: Bool { code / 100 == 2 }
    /// 4yz or 5yz, what a command may be refused with.
    var isRefusal: Bool { code >= 400 }
}
