public import PosternIdentity
public import PosternMail

/// What a listener's sessions go by, besides who the clients are. Immutable: a reload makes another one, which open
/// sessions see from their next event.
public final class Settings: Sendable {
    public let hostname: Domain
    /// Where mail to `<postmaster>` goes (RFC 5321 §4.5.1).
    public let postmaster: Mailbox
    public let listener: ListenerSettings
    public let limits: Limits

    public init(hostname: Domain, postmaster: Mailbox, listener: ListenerSettings, limits: Limits) {
        self.hostname = hostname
        self.postmaster = postmaster
        self.listener = listener
        self.limits = limits
    }
}

/// How a listener starts TLS.
public enum TLSMode: String, Hashable, Sendable, CaseIterable {
    /// In clear, until the client says STARTTLS (port 587).
    case startTLS = "starttls"
    /// From the first octet (port 465).
    case implicit
}

/// The settings of one listener.
public struct ListenerSettings: Sendable {
    public var name: String
    public var tls: TLSMode
    public var policy: CertificatePolicy
    public var unusable: UnusableHandling = .continue
    /// A password opens only the account that the session's certificate leads to.
    public var certificateMustMatchAccount = false
    /// EXTERNAL alone is listed to a client whose certificate leads to one account that it would open now, for clients
    /// that prefer PLAIN to it (mutt with GSASL).
    public var withholdsPasswordsFromCertificates = false
    public var authorizationIdentityRule = AuthorizationIdentityRule.verify
    /// `=` where BASE64 is due is refused, as RFC 4954 §4 asks. curl up to 8.21 sends it for the empty response.
    public var isSASLStrict = false
    public var minimumTLSForCertificates = TLSVersion.v12
    /// For accounts that have no rule of their own.
    public var bareLineEnds = BareLineEnds.refuse

    public init(name: String, tls: TLSMode, policy: CertificatePolicy) {
        self.name = name
        self.tls = tls
        self.policy = policy
    }
}

/// The bounds of a session. Lengths are in octets. None has a value of its own here: the configuration says them all.
public struct Limits: Hashable, Sendable {
    /// A command line with its CRLF.
    public var commandLine: Int
    /// A line of an AUTH exchange with its CRLF (RFC 4954 §4: at least 12,288).
    public var authLine: Int
    /// A line of a message with its CRLF.
    public var textLine: Int
    public var header: Int
    public var headerFields: Int
    public var message: Int
    public var recipients: Int
    /// MAIL commands in a session, whatever came of them.
    public var transactions: Int
    /// Received lines; more mean a loop (RFC 5321 §6.3).
    public var receivedLines: Int
    /// Refused commands before the connection is closed.
    public var errors: Int
    /// Between two events of a client.
    public var idle: Duration
    /// For a TLS handshake.
    public var handshake: Duration
    /// Octets a second of a message that has come for 30 seconds; 0 for none.
    public var dataRate: Int
    /// For a whole message.
    public var messageTime: Duration

    public init(
        commandLine: Int, authLine: Int, textLine: Int, header: Int, headerFields: Int, message: Int, recipients: Int,
        transactions: Int, receivedLines: Int, errors: Int, idle: Duration, handshake: Duration, dataRate: Int,
        messageTime: Duration
    ) {
        self.commandLine = commandLine
        self.authLine = authLine
        self.textLine = textLine
        self.header = header
        self.headerFields = headerFields
        self.message = message
        self.recipients = recipients
        self.transactions = transactions
        self.receivedLines = receivedLines
        self.errors = errors
        self.idle = idle
        self.handshake = handshake
        self.dataRate = dataRate
        self.messageTime = messageTime
    }

    /// How far an over-long command line is followed before the connection is closed.
    var abandonedLine: Int { max(textLine, 2 * max(commandLine, authLine)) }

    /// How large a chunk may be that is refused and yet read, before the connection is closed. RFC 3030 §2 asks to read
    /// it; a number that lies may have no end.
    var abandonedChunk: Int { 2 * message }
}
