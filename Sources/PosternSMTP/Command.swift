public import PosternMail

/// A command whose line follows the grammar (RFC 5321 §4.1.1, RFC 3207 §4, RFC 4954 §4, RFC 3030 §2).
public enum Command: Hashable, Sendable {
    case ehlo(ClientName)
    case helo(ClientName)
    case mail(ReversePath, MailParameters)
    case rcpt(ForwardPath, RecipientParameters = RecipientParameters())
    case data
    /// The octets of a chunk follow.
    case bdat(Chunk)
    case rset
    case noop
    case quit
    case vrfy
    case expn
    case help
    case startTLS
    case auth(mechanism: String, InitialResponse)

    public var verb: Verb {
        switch self {
        case .ehlo: .ehlo
        case .helo: .helo
        case .mail: .mail
        case .rcpt: .rcpt
        case .data: .data
        case .bdat: .bdat
        case .rset: .rset
        case .noop: .noop
        case .quit: .quit
        case .vrfy: .vrfy
        case .expn: .expn
        case .help: .help
        case .startTLS: .startTLS
        case .auth: .auth
        }
    }
}

/// What stands behind the mechanism in AUTH, still in BASE64 (RFC 4954 §4).
public enum InitialResponse: Hashable, Sendable {
    case absent
    /// `=`, or a space with nothing behind it as Python's smtplib and K-9 Mail send it: present and of no length.
    case empty
    case text([UInt8])
}

/// To whom a message goes: a mailbox, or this site's postmaster, who needs no domain (RFC 5321 §4.1.1.3).
public enum ForwardPath: Hashable, Sendable {
    case postmaster
    case mailbox(Mailbox)
}

/// What a client may say of a message in MAIL, by the extensions of the table.
public struct MailParameters: Hashable, Sendable {
    /// SIZE: the octets that the client expects to send (RFC 1870 §3).
    public var size: UInt64?
    /// BODY (RFC 6152 §2).
    public var body: Envelope.Body?
    /// RET (RFC 3461 §4.3).
    public var returnedContent: ReturnedContent?
    /// ENVID (RFC 3461 §4.4).
    public var envelopeID: EnvelopeID?

    public init() {}
}

/// What a client may say of a recipient in RCPT, by the extensions of the table.
public struct RecipientParameters: Hashable, Sendable {
    /// NOTIFY (RFC 3461 §4.1).
    public var notify: Notify?
    /// ORCPT (RFC 3461 §4.2).
    public var originalRecipient: OriginalRecipient?

    public init() {}
}

/// Why a line is no command. The cases are what a client is told; nothing of its input is kept.
public enum CommandError: Error, Hashable, Sendable {
    case unknownVerb
    /// Another protocol speaks: the request line of HTTP, or octets that no command begins with.
    case anotherProtocol
    /// The line holds a control character, a lone CR or LF among them.
    case controlCharacter
    /// 8-bit octets in an envelope, which SMTPUTF8 would allow and is not offered.
    case eightBit
    case argumentMissing(Verb)
    case argumentNotAllowed(Verb)
    case badArgument(Verb)
    case badSender
    case badRecipient
    case unknownParameter
    case badParameter(keyword: String)
}
