public import PosternMail

/// The sole right to deliver a message to some of its recipients. A store makes it; `settle` ends it, whole or in parts.
///
/// The attempt is counted before the claim is handed out, so that a message that ends the process in its delivery is
/// known by its count.
public struct Claim: Hashable, Sendable {
    public let message: QueuedMessage
    /// Never empty; in the order of the envelope.
    public let recipients: [ClaimedRecipient]
    /// By what the store knows the claim again.
    public let token: ClaimToken

    package init(message: QueuedMessage, recipients: [ClaimedRecipient], token: ClaimToken) {
        self.message = message
        self.recipients = recipients
        self.token = token
    }

    /// The claim on some of its recipients alone, to be settled without the others. Parts of one claim that share no
    /// recipient know nothing of each other; the message leaves the queue with the last recipient of them all.
    /// - Parameter indices: places in `recipients`, ascending; at least one.
    package func part(_ indices: some Sequence<Int>) -> Claim {
        Claim(message: message, recipients: indices.map { recipients[$0] }, token: token)
    }
}

/// A recipient whose delivery may be tried now.
public struct ClaimedRecipient: Hashable, Sendable {
    public let recipient: Recipient
    /// Its place in the envelope, from 0.
    public let position: Int
    /// The number of the attempt that this claim allows, from 1. It fences too: a settlement of an earlier attempt
    /// does not touch a later one.
    public let attempt: Int
    /// Whether the sender was told that it takes long.
    public let isWarned: Bool

    package init(_ recipient: Recipient, position: Int, attempt: Int, isWarned: Bool = false) {
        self.recipient = recipient
        self.position = position
        self.attempt = attempt
        self.isWarned = isWarned
    }

    public var mailbox: Mailbox { recipient.mailbox }
}

/// A store's own word for a claim; nobody else can read or make it.
public struct ClaimToken: Hashable, Sendable {
    package let rawValue: Int64
    /// Whether a file is to be removed with the message.
    package let bodyIsFiled: Bool

    package init(rawValue: Int64, bodyIsFiled: Bool) {
        self.rawValue = rawValue
        self.bodyIsFiled = bodyIsFiled
    }
}

/// The answer to a wish for claims.
public struct ClaimedBatch: Hashable, Sendable {
    public let claims: [Claim]
    /// When the earliest of the recipients that still wait is due; nil when none waits.
    public let nextDue: Timestamp?

    package init(claims: [Claim], nextDue: Timestamp?) {
        self.claims = claims
        self.nextDue = nextDue
    }
}
