public import PosternConnection
public import PosternSMTP

/// What became of one recipient in a transaction.
public enum RecipientResult: Hashable, Sendable {
    /// The next hop has taken the responsibility, with this reply. One that offers DSN has also been told of what the
    /// sender wants to hear, and reports in our place (RFC 3461 §5.2.1).
    case delivered(Reply, offersDSN: Bool)
    /// It may be tried again.
    case deferred(ClientFailure)
    /// It must not be tried again.
    case failed(ClientFailure)
    /// The next hop takes no more recipients in one transaction (RFC 9422): another one is due for this one.
    case untried
}
