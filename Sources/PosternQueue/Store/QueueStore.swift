public import PosternMail

/// Where the queue lives: PosternQueue keeps messages from the moment of their acceptance to the settlement of their
/// last recipient.
///
/// A store is a plain, blocking value of about ten operations. `QueueWriter` calls the changing ones, one transaction
/// at a time, from a thread of its own; `body(of:)` may be called from any thread that may block. A store knows no
/// clock: moments are handed in.
///
///     submit ──> QueueWriter ──> sync bodies ──> transaction { settle, enqueue, claim } ──> answers ──> CommitListener
///
/// Every store passes the same conformance tests.
public protocol QueueStore: Sendable {
    /// Does the work in one transaction, which is on stable storage when the call returns; an error undoes it whole.
    /// - Throws: what the work throws; `QueueError.full` if there is no room, `QueueError.failed` if the storage fails.
    func transaction<Answer>(_ work: (any QueueTransaction) throws -> Answer) throws -> Answer

    /// The body of a claimed message. No transaction stays open behind it.
    /// - Throws: `QueueError.damaged` if the body is not what was accepted, `QueueError.failed`.
    func body(of claim: Claim) throws(QueueError) -> StoredBody

    func counts() throws(QueueError) -> QueueCounts

    /// Of all messages in the queue, header and body. Kept while it changes, for it takes a walk over all of them; nil as
    /// long as what an earlier process has left is not counted.
    var octets: Int? { get }

    /// When the message came that entered the queue before all others in it.
    func oldest() throws(QueueError) -> Timestamp?

    /// Messages in the order in which they came in, with the recipients that the filter names; those without any are
    /// left out. Looks at a bounded part of the queue.
    /// - Parameters:
    ///   - cursor: where the page before has ended; nil for the first.
    ///   - limit: messages of a page, at least 1.
    ///   - recipientLimit: recipients of each message, at least 1.
    func list(
        _ filter: QueueFilter, after cursor: QueueCursor?, limit: Int, recipientLimit: Int
    ) throws(QueueError) -> QueuePage

    /// Messages kept but not delivered, by their ids.
    func damagedMessages() throws(QueueError) -> [DamagedMessage]

    /// Every message whose body is a file, by id: what the audit at start compares with the folder.
    func filedBodies() throws(QueueError) -> [FiledBody]

    /// Housekeeping, called between transactions when nobody waits for an answer.
    /// - Throws: `QueueError.failed`, after which the store is not used again.
    func maintain() throws(QueueError)

    /// Whether there is room for new messages, and for what is to be written of those that leave besides.
    var takesNewMessages: Bool { get }

    /// Gives back of the disk what can be given back, while there is too little room; called between transactions. More may
    /// be left for the next call.
    /// - Throws: `QueueError.full`, if there is no room even for that; `QueueError.failed`.
    func makeRoom() throws(QueueError)
}

/// What can be done inside a transaction of a store. Each operation throws a `QueueError`.
public protocol QueueTransaction {
    /// Takes a message in, each recipient due when the message was received.
    /// - Parameter claiming: whether to hand out the claim on all recipients at once, their first attempt counted.
    /// - Returns: that claim, or nil.
    func enqueue(_ message: NewMessage, claiming: Bool) throws(QueueError) -> Claim?

    /// Claims the messages that are due, the longest due first, each with all of its due recipients.
    /// - Parameter limit: messages, not recipients.
    func claimDue(at now: Timestamp, limit: Int) throws(QueueError) -> ClaimedBatch

    /// Ends a claim.
    func settle(_ settlement: Settlement) throws(QueueError) -> SettlementResult

    /// Ends every claim without an outcome: their recipients are due as they were. For the start of the one process
    /// that owns the store, when no delivery can be running.
    ///
    /// Those of a message that was claimed at more than one end in a row are due one message after the other, some time
    /// apart: what ends the process does so under its own attempt, and the others come to an outcome. Those that would be
    /// held at the next end come first, and everything else waits until they were tried.
    /// - Parameters:
    ///   - ends: a recipient that was claimed at so many ends in a row, with no attempt between them that came to an
    ///     outcome, is held instead: it may be what ended the process.
    ///   - reason: why it is held, for people.
    func releaseClaims(at now: Timestamp, holdingAfter ends: Int, reason: String) throws(QueueError) -> ReleasedClaims

    /// Changes recipients that the filter names and that no claim holds.
    /// - Parameters:
    ///   - cursor: where the step before has ended; nil for the first.
    ///   - limit: recipients of this step, at least 1.
    ///   - now: when retried and released recipients are due.
    func change(
        _ change: QueueChange, of filter: QueueFilter, after cursor: QueueCursor?, limit: Int, at now: Timestamp
    ) throws(QueueError) -> QueueChangeStep

    /// Writes something that means nothing, so that the commit shows whether the storage works.
    func probe(at now: Timestamp) throws(QueueError)

    /// Lets nothing that waits be due later than that: what was deferred while the wall clock was ahead would else wait
    /// until the clock is there again.
    func bringForward(to latest: Timestamp) throws(QueueError)

    /// Marks a message as damaged, or, with nil, as whole again.
    func mark(_ id: QueueID, damage: Damage?) throws(QueueError)
}

/// A message whose body is a file, as the store remembers it.
public struct FiledBody: Hashable, Sendable {
    public let id: QueueID
    public let length: Int
    public let isDamaged: Bool

    package init(id: QueueID, length: Int, isDamaged: Bool) {
        self.id = id
        self.length = length
        self.isDamaged = isDamaged
    }
}
