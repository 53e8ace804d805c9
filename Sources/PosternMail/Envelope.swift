/// What travels with a message outside of it: from where, to whom, and how its octets are to be treated (RFC 5321 §2.3.1).
public struct Envelope: Hashable, Sendable {
    /// What the client said of the content (RFC 6152 §3). Nothing said counts as `sevenBit`.
    public enum Body: String, Hashable, Sendable {
        case sevenBit = "7BIT"
        case eightBit = "8BITMIME"
    }

    public var reversePath: ReversePath
    /// In the order of their RCPT commands, none twice.
    public var recipients: [Mailbox]
    public var body: Body

    public init(reversePath: ReversePath, recipients: [Mailbox], body: Body = .sevenBit) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.body = body
    }
}
