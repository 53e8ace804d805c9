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
    /// The certificate that the server should trust; nil if there is none.
    public let certificate: OwnCertificate?
    /// Whether the conformance list is wanted too.
    public var isExtended = false
    /// Whether AUTH EXTERNAL is to be said also where EHLO does not list it.
    public var triesUnlisted = false
    /// Whether the certificate is shown to whoever answers, verified or not.
    public var showsToAnybody = false

    public init(sender: Mailbox, recipient: Mailbox?, hostname: String, certificate: OwnCertificate?) {
        self.sender = sender
        self.recipient = recipient
        self.hostname = hostname
        self.certificate = certificate
    }

    var hasCertificate: Bool { certificate != nil }
}

/// What the person's certificate says, as far as a server's answers are to be understood by it.
public struct OwnCertificate: Hashable, Sendable {
    /// Of the subject, where it is not the person's address itself.
    public let commonName: String?
    /// Who has issued it, and who has issued those of its chain, in the form of the names in a server's request.
    public let issuers: [String]

    public init(commonName: String? = nil, issuers: [String] = []) {
        self.commonName = commonName
        self.issuers = issuers
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

    public var description: String {
        let host = SafeText.escape(host)
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
