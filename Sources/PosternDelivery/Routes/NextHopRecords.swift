import Synchronization

/// What is known of the health of the next hops, each once however many destinations it is in. It outlives a reload.
final class NextHopRecords: Sendable {
    /// By identity; of a next hop that has not failed there is none.
    private let healths = Mutex<[String: NextHopHealth]>([:])
    /// Of a monotonic clock.
    private let now: @Sendable () -> Duration
    private let changed: @Sendable (DeliveryNotice) -> Void

    init(now: @escaping @Sendable () -> Duration, changed: @escaping @Sendable (DeliveryNotice) -> Void = { _ in }) {
        self.now = now
        self.changed = changed
    }

    /// Of a process without a service around it.
    convenience init() {
        let start = ContinuousClock.now
        self.init(now: { start.duration(to: .now) })
    }

    /// Asked before each delivery.
    /// - Returns: nil if it is to be made, and then `note` follows.
    func refusal(of hop: NextHopsRoute.Hop) -> NextHopHealth.Refusal? {
        let now = now()
        return healths.withLock { $0[hop.identity]?.refusal(at: now) }
    }

    /// What became of a delivery.
    /// - Parameters:
    ///   - failure: that of the next hop; nil if it could be spoken to, whatever it said of the message.
    ///   - tolerance: failures one behind the other that suspend it.
    func note(_ failure: DeliveryFailure?, of hop: NextHopsRoute.Hop, tolerance: Int) {
        let now = now()
        let change = healths.withLock { healths in
            guard let failure else { return healths.removeValue(forKey: hop.identity)?.changeOfSuccess }
            return healths[hop.identity, default: NextHopHealth(tolerance: tolerance)].note(failure, at: now)
        }
        switch (change, failure) {
        case (.suspended(let pause), let failure?): changed(.suspended(hop.name, for: pause, failure))
        case (.resumed, _): changed(.resumed(hop.name))
        default: break
        }
    }

    /// Forgets the others, to which nothing goes any more.
    func keep(_ hops: some Sequence<NextHopsRoute.Hop>) {
        let identities = Set(hops.map(\.identity))
        healths.withLock { healths in healths = healths.filter { identities.contains($0.key) } }
    }
}

extension NextHopHealth {
    /// What it means that the next hop could be spoken to.
    fileprivate var changeOfSuccess: Change? {
        var health = self
        return health.note(nil, at: .zero)
    }
}
