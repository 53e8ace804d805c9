/// What travels with a message outside of it: from where, to whom, and how its octets are to be treated (RFC 5321 §2.3.1).
public struct Envelope: Hashable, Sendable {
    /// What the client said of the content (RFC 6152 §3). Nothing said counts as `sevenBit`.
    public enum Body: String, Hashable, Sendable {
        case sevenBit = "7BIT"
        case eightBit = "8BITMIME"
    }

    public let reversePath: ReversePath
    /// In the order of their RCPT commands, none twice; at least one.
    public let recipients: [Recipient]
    public let body: Body
    /// What a report brings back of the message; nil where the sender did not say.
    public let returnedContent: ReturnedContent?
    /// The sender's name for it; nil where there is none.
    public let id: EnvelopeID?

    /// Nil without a recipient: such a message would stay where it is for ever.
    public init?(
        reversePath: ReversePath, recipients: [Recipient], body: Body = .sevenBit,
        returnedContent: ReturnedContent? = nil, id: EnvelopeID? = nil
    ) {
        guard !recipients.isEmpty else { return nil }
        self.reversePath = reversePath
        self.recipients = recipients
        self.body = body
        self.returnedContent = returnedContent
        self.id = id
    }

    /// An envelope whose sender said nothing of reports.
    public init?(reversePath: ReversePath, recipients: [Mailbox], body: Body = .sevenBit) {
        self.init(reversePath: reversePath, recipients: recipients.map { Recipient($0) }, body: body)
    }
}
