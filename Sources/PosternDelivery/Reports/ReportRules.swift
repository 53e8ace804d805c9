import PosternMail
import PosternQueue

/// Of what a sender is told: the table of RFC 3461 §5.2.
enum ReportRules {
    /// - Parameters:
    ///   - outcome: after the schedule's judgement.
    ///   - end: until when a deferred recipient is tried.
    /// - Returns: what the report says of the recipient; nil where the sender is not told.
    static func entry(
        for recipient: ClaimedRecipient, of message: QueuedMessage, _ outcome: RouteOutcome, isLate: Bool,
        triedUntil end: Timestamp
    ) -> DeliveryReport.Entry? {
        // §5.2: a report never causes another.
        guard message.reversePath != .null else { return nil }
        let notify = recipient.recipient.notify
        switch outcome {
        case .failed(let failure):
            // SUB-200, §5.2.6.
            guard notify?.wantsFailure ?? true else { return nil }
            return DeliveryReport.Entry(recipient.recipient, .failed, failure)
        case .deferred(let failure), .postponed(let failure, _):
            guard isLate, isToBeWarned(recipient, of: message) else { return nil }
            return DeliveryReport.Entry(recipient.recipient, .delayed(until: end), failure)
        case .delivered(_, let handover):
            guard notify?.wantsSuccess ?? false else { return nil }
            return DeliveryReport.Entry(recipient.recipient, handover)
        }
    }

    /// SUB-202, §5.2.5: whether the sender hears of a delay, and has not yet. Who said nothing of it may be told (§4.1).
    static func isToBeWarned(_ recipient: ClaimedRecipient, of message: QueuedMessage) -> Bool {
        message.reversePath != .null && !recipient.isWarned && recipient.recipient.notify?.wantsDelay ?? true
    }
}

extension DeliveryReport.Entry {
    fileprivate init(_ recipient: Recipient, _ action: DeliveryReport.Action, _ failure: DeliveryFailure) {
        self.init(recipient, action, status: failure.code, reason: failure.reason, reply: failure.reply)
    }

    /// Nil where the next hop tells the sender itself (§5.2.1).
    fileprivate init?(_ recipient: Recipient, _ handover: Handover) {
        switch handover {
        case .final(let reply):
            self.init(recipient, .delivered, status: "2.0.0", reason: reply?.words ?? "", reply: reply)
        // SUB-201, §5.2.2.
        case .relayed(let reply):
            self.init(recipient, .relayed, status: "2.0.0", reason: reply.words, reply: reply)
        case .passedOn: return nil
        }
    }
}

extension DeliveryReport.RemoteReply {
    fileprivate var words: String { host.map { "\($0) said: \(text)" } ?? text }
}
