/// Somebody to whom a message goes, and what its sender wants to hear of that (RFC 3461 §4).
public struct Recipient: Hashable, Sendable {
    public let mailbox: Mailbox
    /// Nil where the sender did not say.
    public let notify: Notify?
    /// Nil where the sender did not say.
    public let originalRecipient: OriginalRecipient?

    public init(_ mailbox: Mailbox, notify: Notify? = nil, originalRecipient: OriginalRecipient? = nil) {
        self.mailbox = mailbox
        self.notify = notify
        self.originalRecipient = originalRecipient
    }
}
