public import PosternMail

/// What an operator does to recipients in the queue. None of it touches a recipient whose delivery runs.
public enum QueueChange: Hashable, Sendable {
    /// Whoever waits, or has failed for good without a report, is due now.
    case retry
    /// Whoever waits, or has failed, is not tried until it is released.
    case hold(reason: String)
    /// Whoever is held is due now.
    case release
    /// Out of the queue, without a word to anybody; a message goes with its last recipient.
    case remove
}

/// What a change, or a part of it, came to.
public struct QueueChangeReport: Hashable, Sendable {
    /// Messages of which at least one recipient was changed.
    public var messages = 0
    public var recipients = 0
    /// Recipients left as they are because their delivery runs.
    public var underWay = 0
    /// Recipients to which the change means nothing: to be released, and not held.
    public var unaffected = 0
    /// Messages that have left the queue.
    public var removedMessages = 0
    /// Ids that are not in the queue.
    public var unknown: [QueueID] = []

    public init() {}

    /// This part and another of the same change.
    mutating func add(_ other: QueueChangeReport) {
        messages += other.messages
        recipients += other.recipients
        underWay += other.underWay
        unaffected += other.unaffected
        removedMessages += other.removedMessages
        unknown += other.unknown
    }
}

/// One transaction's part of a change.
public struct QueueChangeStep: Hashable, Sendable {
    public var report = QueueChangeReport()
    /// Where the next part begins; nil if this was the last.
    public var next: QueueCursor?
    /// Messages that are gone and whose body was a file, the caller's to remove once the transaction is through.
    public var filedBodies: [QueueID] = []
    /// Recipients that are due now.
    public var due = 0

    public init() {}
}

/// What became of claims that a process had left open at its end.
public struct ReleasedClaims: Hashable, Sendable {
    /// Recipients that are due as they were.
    public var recipients = 0
    /// Messages that are held, since they were under way at too many ends in a row.
    public var held: [QueueID] = []

    public init(recipients: Int = 0, held: [QueueID] = []) {
        self.recipients = recipients
        self.held = held
    }
}
