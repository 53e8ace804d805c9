public import PosternMail

/// A message to be composed: who writes to whom, and what (RFC 5322, RFC 2045 to 2047).
///
/// ```swift
/// var message = try Message(from: NamedMailbox("shop@example.org", name: "Shop"), to: [NamedMailbox("ann@example.net")])
/// message.subject = "Your order 🎉"
/// message.text = "Thank you."
/// message.attachments = [try await Attachment(file: "/var/orders/7.pdf")]
/// ```
///
/// It is a value, and knows nothing of a server. ``composed(at:)`` makes of it what goes out.
public struct Message: Sendable {
    /// Who has written it.
    public var from: NamedMailbox
    /// Who sends it for the one who has written it; nil where that is the same (RFC 5322 §3.6.2).
    public var sender: NamedMailbox?
    public var to: [NamedMailbox]
    public var cc: [NamedMailbox] = []
    /// Who gets it without being named in it.
    public var bcc: [NamedMailbox] = []
    /// Where answers go; empty where to `from`.
    public var replyTo: [NamedMailbox] = []
    /// Where reports of failed delivery go; nil where to `sender`, or else `from`. `null` is for automatic answers.
    public var reversePath: ReversePath?
    /// Empty for none. Any text without control characters.
    public var subject = ""
    /// Nil for the moment of composing.
    public var date: Timestamp?
    /// Nil for one that is made when it is composed.
    public var id: MessageID?
    public var inReplyTo: [MessageID] = []
    /// The messages of the conversation, the oldest first.
    public var references: [MessageID] = []
    /// Further fields, in the order in which they are written.
    public var fields: [HeaderField] = []
    /// The text for programs that show no HTML, or for all if there is no HTML. LF or CRLF ends a line.
    public var text: String?
    public var html: HTMLText?
    /// For programs that keep a calendar. They show it in the place of the text, with buttons to accept it.
    public var invitation: Invitation?
    public var attachments: [Attachment] = []

    public init(
        from: NamedMailbox, to: [NamedMailbox], subject: String = "", text: String? = nil, html: HTMLText? = nil,
        attachments: [Attachment] = []
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = attachments
    }

    /// Makes it an answer to a message with this Message-ID and these References (RFC 5322 §3.6.4).
    public mutating func answer(_ id: MessageID, references earlier: [MessageID] = []) {
        inReplyTo = [id]
        references = earlier + [id]
    }
}

/// Text in HTML, with the parts that it shows: `<img src="cid:logo@example.org">`.
public struct HTMLText: Sendable, ExpressibleByStringLiteral {
    public var source: String
    public var inlineParts: [InlinePart]

    public init(_ source: String, inlineParts: [InlinePart] = []) {
        self.source = source
        self.inlineParts = inlineParts
    }

    public init(stringLiteral source: String) {
        self.init(source)
    }
}

/// An event to which somebody is invited, or its change (RFC 5545, RFC 6047).
public struct Invitation: Sendable {
    /// What is asked for (RFC 5546 §1.4). It must also stand in the source, as its `METHOD`.
    public enum Method: String, Sendable {
        case publish = "PUBLISH"
        case request = "REQUEST"
        case reply = "REPLY"
        case cancel = "CANCEL"
    }

    public var method: Method
    /// `BEGIN:VCALENDAR` and all that belongs to it.
    public var source: String

    public init(_ method: Method, source: String) {
        self.method = method
        self.source = source
    }
}
