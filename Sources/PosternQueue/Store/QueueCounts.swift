/// How much is in the queue.
public struct QueueCounts: Hashable, Sendable {
    public var messages = 0
    /// Recipients by what they wait for.
    public var waiting = 0
    public var claimed = 0
    public var failed = 0
    /// Recipients of damaged messages.
    public var damaged = 0
    public var held = 0

    package init(
        messages: Int = 0, waiting: Int = 0, claimed: Int = 0, failed: Int = 0, damaged: Int = 0, held: Int = 0
    ) {
        self.messages = messages
        self.waiting = waiting
        self.claimed = claimed
        self.failed = failed
        self.damaged = damaged
        self.held = held
    }
}
