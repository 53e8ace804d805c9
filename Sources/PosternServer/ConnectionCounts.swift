import Synchronization

/// How many connections there are, in all and from each client (limits `connections`, `connections-per-address`), and
/// whether they are so many that the server is under stress (limit `stress`).
final class ConnectionCounts: Sendable {
    enum Change: Hashable, Sendable {
        case stressBegins
        case stressEnds
    }

    private struct Counts {
        var total = 0
        var byClient: [ClientNetwork: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let stress = Atomic(false)
    private let stressedFrom: Int

    init(stressedFrom: Int) {
        self.stressedFrom = stressedFrom
    }

    var isUnderStress: Bool { stress.load(ordering: .relaxed) }

    /// Counts a connection; false, and nothing is counted, where it is one too many.
    func admit(_ client: ClientNetwork, total: Int, perClient: Int) -> (isAdmitted: Bool, change: Change?) {
        counts.withLock { counts in
            let ofClient = counts.byClient[client, default: 0]
            guard counts.total < total, ofClient < perClient else { return (false, nil) }
            counts.total += 1
            counts.byClient[client] = ofClient + 1
            return (true, change(to: counts.total))
        }
    }

    func release(_ client: ClientNetwork) -> Change? {
        counts.withLock { counts in
            counts.total -= 1
            if let left = counts.byClient[client] { counts.byClient[client] = left > 1 ? left - 1 : nil }
            return change(to: counts.total)
        }
    }

    /// Stress ends an eighth below where it begins, so that it does not come and go with each connection.
    private func change(to total: Int) -> Change? {
        if isUnderStress {
            guard total < stressedFrom - stressedFrom / 8 else { return nil }
            stress.store(false, ordering: .relaxed)
            return .stressEnds
        }
        guard total >= stressedFrom else { return nil }
        stress.store(true, ordering: .relaxed)
        return .stressBegins
    }
}
