public import PosternMail
public import PosternQueue

/// What became of one recipient in one attempt, for the log.
public struct DeliveryEvent: Hashable, Sendable {
    /// Each with the id of the report that tells the reverse-path of it; nil where nobody is told.
    public enum Outcome: Hashable, Sendable {
        /// Where it went, in the words of the route: the file of a Maildir, the reply of a next hop.
        case delivered(to: String, report: QueueID? = nil)
        case deferred(until: Timestamp, DeliveryFailure, report: QueueID? = nil)
        case failed(DeliveryFailure, report: QueueID?)
        /// Nothing was tried, and no attempt is counted.
        case postponed(until: Timestamp, DeliveryFailure, report: QueueID? = nil)
    }

    public let message: QueuedMessage
    public let recipient: Mailbox
    /// From 1; of what was postponed the one that is still to come.
    public let attempt: Int
    /// The name of the route.
    public let route: String
    public let outcome: Outcome
}

extension DeliveryEvent.Outcome {
    init(_ outcome: RouteOutcome, retryAt due: Timestamp, report: QueueID?) {
        switch outcome {
        case .delivered(let place, _): self = .delivered(to: place, report: report)
        case .deferred(let failure): self = .deferred(until: due, failure, report: report)
        case .failed(let failure): self = .failed(failure, report: report)
        case .postponed(let failure, _): self = .postponed(until: due, failure, report: report)
        }
    }

    /// The same for the queue.
    var settlement: Settlement.Outcome {
        switch self {
        case .delivered: .delivered
        case .deferred(let due, let failure, report: nil): .deferred(until: due, reason: failure.description)
        case .deferred(let due, let failure, _): .warned(until: due, reason: failure.description)
        case .failed(_, report: nil): .dropped
        case .failed(let failure, _): .failed(reason: failure.description)
        case .postponed(let due, let failure, let report):
            .postponed(until: due, reason: failure.description, isWarned: report != nil)
        }
    }

    /// When the recipient is due again, if it is.
    var due: Timestamp? {
        switch self {
        case .deferred(let due, _, _), .postponed(let due, _, _): due
        case .delivered, .failed: nil
        }
    }
}

extension DeliveryEvent.Outcome {
    /// Whether the next hop may have the message although no answer came.
    public var isUncertain: Bool {
        switch self {
        case .delivered, .postponed: false
        case .deferred(_, let failure, _), .failed(let failure, _): failure.isUncertain
        }
    }
}
