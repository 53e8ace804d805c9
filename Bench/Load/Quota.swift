/// How much is to be submitted by all connections together.
struct Quota: Sendable {
    private var taken = 0
    private let messages: Int
    private let end: ContinuousClock.Instant?

    init(messages: Int?, seconds: Int?) {
        self.messages = messages ?? .max
        end = seconds.map { ContinuousClock.now + .seconds($0) }
    }

    /// The number of the next message; nil if there is to be none.
    mutating func take() -> Int? {
        if let end, ContinuousClock.now >= end { return nil }
        guard taken < messages else { return nil }
        taken += 1
        return taken
    }
}
