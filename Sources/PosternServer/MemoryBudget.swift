import Synchronization

/// The octets that all messages in reception may hold in memory together (limit `in-flight`).
final class MemoryBudget: Sendable {
    private let limit: Int
    private let used = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Sets octets aside; false where they are not to be had.
    func reserve(_ octets: Int) -> Bool {
        guard used.add(octets, ordering: .relaxed).newValue > limit else { return true }
        release(octets)
        return false
    }

    func release(_ octets: Int) {
        used.subtract(octets, ordering: .relaxed)
    }
}
