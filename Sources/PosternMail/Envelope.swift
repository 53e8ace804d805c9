/// What travels with a message outside of it: from where, to whom, and how its octets are to be treated (RFC 5321 §2.3.1).
public struct Envelope: Hashable, Sendable {
    /// What the client said of the content (RFC 6152 §3). Nothing said counts as `sevenBit`.
    public enum Body: String, Hashable, Sendable {
        case sevenBit = "7BIT"
        case eightBit = "8BITMIME"
    }

    public let reversePath: ReversePath
    /// In the order of their RCPT commands, none twice; at least one.
    public let recipients: [Mailbox]
    public let body: Body

    /// Nil without a recipient: such a message would stay where it is for ever.
    public init?(reversePath: ReversePath, recipients: [Mailbox], body: Body = .sevenBit) {
        guard !recipients.isEmpty else { return nil }
        self.reversePath = reversePath
        self.recipients = recipients
        self.body = body
    }
}
