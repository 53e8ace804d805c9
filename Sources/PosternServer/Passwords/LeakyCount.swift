/// A count that runs out by itself, a full one in a minute.
struct LeakyCount: Hashable {
    private var value = 0.0
    private var at = Duration.zero

    /// - Parameter limit: what runs out in a minute.
    func level(at now: Duration, limit: Int) -> Double {
        let passed = (now - at) / .seconds(60)
        return max(0, value - max(0, passed) * Double(limit))
    }

    mutating func add(_ count: Double, at now: Duration, limit: Int) {
        value = max(0, level(at: now, limit: limit) + count)
        at = now
    }
}
