/// What the delivery has to tell besides what became of each recipient.
public enum DeliveryNotice: Hashable, Sendable {
    /// A report to a sender is in the queue.
    case reported(ReportKind)
    /// A next hop could not be spoken to, and is left alone for a while.
    case suspended(String, for: Duration, DeliveryFailure)
    /// One that was suspended could be spoken to.
    case resumed(String)
}

/// What a report tells its sender of, in the words of NOTIFY (RFC 3461 §4.1). One that tells of several recipients is of
/// the gravest kind among them.
public enum ReportKind: String, Hashable, Sendable, CaseIterable {
    case failure, delay, success
}
