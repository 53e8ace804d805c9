public import PosternMail

/// How the attempts of one claim ended; applied in one transaction, and with it the claim is over.
public struct Settlement: Sendable {
    /// What becomes of one recipient.
    public enum Outcome: Hashable, Sendable {
        /// The next hop has it: the recipient leaves the queue.
        case delivered
        /// Not now: due again at that time.
        case deferred(until: Timestamp, reason: String)
        /// Likewise, and a report of this settlement tells the sender, who is not told again.
        case warned(until: Timestamp, reason: String)
        /// Nothing was tried: due again at that time, as if it had not been claimed. With a reason where there is one to
        /// see, and whether a report of this settlement tells the sender that it takes long.
        case postponed(until: Timestamp, reason: String? = nil, isWarned: Bool = false)
        /// Never. The recipient leaves the queue with the report that says so; without a report it stays, listed as
        /// failed, for a person to see, since a message does not vanish without a word to somebody (RFC 5321 §6.1).
        case failed(reason: String)
        /// Never, and there is nobody to be told: the recipient leaves the queue. For a message with the null
        /// reverse-path, which is a report itself (RFC 5321 §6.1), and for a sender who did not want to hear of it
        /// (RFC 3461 §5.2.6).
        case dropped
    }

    public let claim: Claim
    /// One for each of the claim's recipients, in their order.
    public let outcomes: [Outcome]
    /// Messages that are to be enqueued in the same transaction: what the sender is told. Their bodies are in memory.
    public let reports: [NewMessage]

    public init(claim: Claim, outcomes: [Outcome], enqueuing reports: [NewMessage] = []) {
        self.claim = claim
        self.outcomes = outcomes
        self.reports = reports
    }
}

/// What a settlement left behind.
public enum SettlementResult: Hashable, Sendable {
    /// Some recipients remain in the queue.
    case remains
    /// The last recipient is gone, and so is the message; whether its body was a file, which is the caller's to remove
    /// once the transaction is through.
    case emptied(bodyIsFiled: Bool)
}
