import Synchronization

/// How many connections there are, in all and from each client (limits `connections`, `connections-per-address`).
final class ConnectionCounts: Sendable {
    private struct Counts {
        var total = 0
        var byClient: [ClientNetwork: Int] = [:]
    }

    private let counts = Mutex(Counts())

    /// Counts a connection; false, and nothing is counted, where it is one too many.
    func admit(_ client: ClientNetwork, total: Int, perClient: Int) -> Bool {
        counts.withLock { counts in
            let ofClient = counts.byClient[client, default: 0]
            guard counts.total < total, ofClient < perClient else { return false }
            counts.total += 1
            counts.byClient[client] = ofClient + 1
            return true
        }
    }

    func release(_ client: ClientNetwork) {
        counts.withLock { counts in
            counts.total -= 1
            if let left = counts.byClient[client] { counts.byClient[client] = left > 1 ? left - 1 : nil }
        }
    }
}
