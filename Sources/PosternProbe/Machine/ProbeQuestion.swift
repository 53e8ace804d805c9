public import PosternMail

/// What is asked of a server, and by whom. The addresses are the person's own: no others are ever sent.
public struct ProbeQuestion: Hashable, Sendable {
    /// Of the mailbox that MAIL names.
    public let sender: Mailbox
    /// A mailbox of the same person outside of the server's domains; without it a server that decides at RCPT is not seen
    /// to decide.
    public let recipient: Mailbox?
    /// By which name the probe introduces itself.
    public let hostname: String
    /// Whether there is a certificate that the server should trust.
    public let hasCertificate: Bool
    /// Whether the conformance list is wanted too.
    public let isExtended: Bool

    public init(
        sender: Mailbox, recipient: Mailbox?, hostname: String, hasCertificate: Bool, isExtended: Bool = false
    ) {
        self.sender = sender
        self.recipient = recipient
        self.hostname = hostname
        self.hasCertificate = hasCertificate
        self.isExtended = isExtended
    }
}

/// One port of a server.
public struct ProbeTarget: Hashable, Sendable, CustomStringConvertible {
    public enum Security: String, Hashable, Sendable {
        /// TLS with the first octet, as on 465 (RFC 8314 §3.3).
        case implicit
        /// TLS after a command, as on 587 (RFC 3207).
        case starttls
    }

    /// A name or an address, without brackets.
    public let host: String
    public let port: Int
    public let security: Security

    public init(host: String, port: Int, security: Security) {
        self.host = host
        self.port = port
        self.security = security
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
