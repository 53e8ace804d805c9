import Synchronization

/// How many connections there are, in all and from each address (limits `connections`, `connections-per-address`).
final class ConnectionCounts: Sendable {
    private struct Counts {
        var total = 0
        var byAddress: [String: Int] = [:]
    }

    private let counts = Mutex(Counts())

    /// Counts a connection; false, and nothing is counted, where it is one too many.
    func admit(_ address: String, total: Int, perAddress: Int) -> Bool {
        counts.withLock { counts in
            let ofAddress = counts.byAddress[address, default: 0]
            guard counts.total < total, ofAddress < perAddress else { return false }
            counts.total += 1
            counts.byAddress[address] = ofAddress + 1
            return true
        }
    }

    func release(_ address: String) {
        counts.withLock { counts in
            counts.total -= 1
            if let left = counts.byAddress[address] { counts.byAddress[address] = left > 1 ? left - 1 : nil }
        }
    }
}
