public import PosternMail

/// Which recipients of which messages an operator means: all conditions that are given must hold. Without any, it is the
/// whole queue.
///
/// Addresses are compared without regard to the case of ASCII letters, as for accounts.
public struct QueueFilter: Hashable, Sendable {
    public var ids: [QueueID]?
    public var sender: ReversePath?
    public var recipient: Mailbox?
    /// What stands behind the `@` of the recipient.
    public var destination: Mailbox.Host?
    public var receivedBefore: Timestamp?
    public var receivedAfter: Timestamp?
    /// Part of the last failure, of why it is held, or of the damage; in any case of ASCII letters.
    public var reason: String?
    public var state: RecipientState?

    public init() {}

    /// Messages by their ids, with all of their recipients.
    public init(ids: [QueueID]) {
        self.ids = ids
    }

    /// Whether it is the whole queue.
    public var isEverything: Bool { self == QueueFilter() }
}

/// What a recipient in the queue waits for.
public enum RecipientState: String, Hashable, Sendable, CaseIterable {
    /// For its time: new, or deferred.
    case waiting
    /// For the end of a delivery that runs.
    case underWay = "under-way"
    /// For a person, because it failed and nobody could be told.
    case failed
    /// For the message's whole body.
    case damaged
    /// For its release by an operator.
    case held
}

/// A place in the queue's order, from which a listing or a change goes on.
public struct QueueCursor: Hashable, Sendable {
    package let message: Int64
    package let position: Int64

    package init(message: Int64, position: Int64 = .max) {
        self.message = message
        self.position = position
    }
}

extension QueueCursor: LosslessStringConvertible {
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        // Behind the largest number there is no other to go on with.
        guard parts.count == 2, let message = Int64(parts[0]), let position = Int64(parts[1]),
            (0..<Int64.max).contains(message), position >= 0
        else { return nil }
        self.init(message: message, position: position)
    }

    public var description: String { "\(message).\(position)" }
}
