/// How fast a message comes: who keeps a place busy with octets that trickle holds it from others (threats.md F2).
struct Pace: Sendable {
    /// The bounds, as they are at an event.
    struct Bounds: Sendable {
        /// Octets a second; 0 for none.
        var rate: Int
        /// How long a message may come before the rate counts.
        var grace: Duration
        /// For the whole message.
        var total: Duration
    }

    private let start: Duration
    private var since: Duration
    private var octets = 0

    init(at now: Duration) {
        (start, since) = (now, now)
    }

    mutating func take(_ count: Int) {
        octets += count
    }

    /// Nothing was read from the client for a while, which is none of its doing.
    mutating func begin(anewAt now: Duration) {
        (since, octets) = (now, 0)
    }

    /// When it will have been too slow, if nothing more comes.
    func slowest(under bounds: Bounds) -> Duration? {
        bounds.rate > 0 ? since + bounds.grace + .seconds(octets / bounds.rate) : nil
    }

    func deadline(under bounds: Bounds) -> Duration {
        let end = end(under: bounds)
        return slowest(under: bounds).map { min($0, end) } ?? end
    }

    /// When the whole message should have come.
    func end(under bounds: Bounds) -> Duration {
        start + bounds.total
    }
}
