import PosternQueue

/// Where a route leads, as far as deliveries to it are counted: a next hop, or several of which one after the other is
/// tried.
public struct Destination: Hashable, Sendable {
    /// Another for each destination.
    public let name: String
    /// Deliveries at once.
    public let limit: Int

    /// - Parameter limit: at least 1.
    public init(name: String, limit: Int) {
        self.name = name
        self.limit = max(1, limit)
    }

    /// Deliveries that may wait in memory until one has ended: enough that none waits for the store, and few, since they
    /// are nobody else's meanwhile.
    var backlog: Int { min(4 * limit, 100) }
}

/// Recipients of one message that go to the same destination. Each such part of a claim is delivered and settled on its
/// own, so that none waits for another destination.
struct Consignment: Hashable, Sendable {
    /// SUB-183: no server needs to take more in one transaction (RFC 5321 §4.5.3.1.8). Nor is more settled at once: what a
    /// next hop has taken is not to wait for the rest, and come twice after a crash.
    static let recipientLimit = 100

    let destination: Destination
    let claim: Claim
}
