public import PosternMail

/// A message as an operator sees it.
///
/// Addresses are text: a damaged row, whose address is none, is listed too.
public struct QueueEntry: Hashable, Sendable {
    public let id: QueueID
    /// Empty: the null reverse-path.
    public let sender: String
    /// Octets of header and body.
    public let length: Int
    public let received: Timestamp
    public let account: String
    public let authentication: String
    public let bodyType: String
    /// Why the message cannot be delivered; nil if it is whole.
    public let damage: String?
    /// Those that the filter names, in the order of the envelope.
    public internal(set) var recipients: [QueuedRecipient] = []
    /// Whether there are more of them than were asked for.
    public internal(set) var hasMoreRecipients = false

    package init(
        id: QueueID, sender: String, length: Int, received: Timestamp, account: String, authentication: String,
        bodyType: String, damage: String?, recipients: [QueuedRecipient] = []
    ) {
        self.id = id
        self.sender = sender
        self.length = length
        self.received = received
        self.account = account
        self.authentication = authentication
        self.bodyType = bodyType
        self.damage = damage
        self.recipients = recipients
    }
}

/// A recipient as an operator sees it.
public struct QueuedRecipient: Hashable, Sendable {
    public let mailbox: String
    public let state: RecipientState
    public let attempts: Int
    /// When it is tried next, or was first due.
    public let due: Timestamp
    /// Of the last deferral or failure.
    public let reason: String?
    /// Why it is held.
    public let hold: String?

    package init(
        mailbox: String, state: RecipientState, attempts: Int, due: Timestamp, reason: String?, hold: String?
    ) {
        self.mailbox = mailbox
        self.state = state
        self.attempts = attempts
        self.due = due
        self.reason = reason
        self.hold = hold
    }
}

/// A part of a listing.
public struct QueuePage: Hashable, Sendable {
    public var entries: [QueueEntry] = []
    /// Where to go on; nil at the end of the queue. There may be a next page although this one is empty: each looks at a
    /// bounded part of the queue, so that nobody who sends mail waits for it.
    public var next: QueueCursor?

    public init() {}
}
