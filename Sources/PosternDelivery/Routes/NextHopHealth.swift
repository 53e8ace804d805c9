/// Whether a next hop is worth a connection, by what became of the last ones. Pure; moments are those of a monotonic clock.
///
/// After some failures one behind the other nothing is tried for a while, and then by one delivery alone; the pause doubles
/// as long as that fails. So a dead next hop costs no more than a connection now and then (F10).
struct NextHopHealth {
    private enum State {
        case good(failures: Int)
        /// Nothing is tried before that time.
        case suspended(until: Duration, pause: Duration, DeliveryFailure)
        /// One delivery tries whether it is there again.
        case probed(since: Duration, pause: Duration, DeliveryFailure)
    }

    /// Why no delivery is made, and after which time it is worth asking again.
    struct Refusal: Hashable {
        let failure: DeliveryFailure
        let pause: Duration
    }

    /// What the end of a delivery has changed, for an operator.
    enum Change: Hashable {
        /// Nothing is tried for so long.
        case suspended(for: Duration)
        case resumed
    }

    /// Of a suspension.
    static let pauses = Duration.seconds(60) ... .seconds(900)
    /// After which a probe of which nothing was heard counts for nothing any more.
    static let patience = Duration.seconds(900)
    /// How long what finds another delivery trying it waits: about as long as a connection that hangs.
    private static let probeTime = Duration.seconds(30)

    /// Failures one behind the other that suspend.
    private let tolerance: Int
    private var state = State.good(failures: 0)

    init(tolerance: Int) {
        self.tolerance = max(1, tolerance)
    }

    /// Asked before each delivery.
    /// - Returns: nil if it is to be made, and then `note` follows.
    mutating func refusal(at now: Duration) -> Refusal? {
        switch state {
        case .good:
            return nil
        case .suspended(let end, let pause, let failure):
            guard now >= end else {
                let pause = end - now
                return Self.untried(failure, "not tried again for \(Self.seconds(pause)) s", for: pause)
            }
            state = .probed(since: now, pause: pause, failure)
            return nil
        case .probed(let start, let pause, let failure):
            guard now - start > Self.patience else {
                return Self.untried(failure, "another delivery tries it now", for: Self.probeTime)
            }
            state = .probed(since: now, pause: pause, failure)
            return nil
        }
    }

    /// What became of a delivery.
    /// - Parameter failure: that of the next hop; nil if it could be spoken to, whatever it said of the message.
    /// - Returns: nil where the operator has nothing to hear of it.
    mutating func note(_ failure: DeliveryFailure?, at now: Duration) -> Change? {
        guard let failure else { return resume() }
        switch state {
        case .good(let failures) where failures + 1 < tolerance:
            state = .good(failures: failures + 1)
            return nil
        case .good:
            return suspend(for: Self.pauses.lowerBound, failure, at: now)
        case .probed(_, let pause, _):
            return suspend(for: min(pause * 2, Self.pauses.upperBound), failure, at: now)
        case .suspended:
            // Begun before the suspension, it tells nothing new.
            return nil
        }
    }

    private mutating func suspend(for pause: Duration, _ failure: DeliveryFailure, at now: Duration) -> Change {
        state = .suspended(until: now + pause, pause: pause, failure)
        return .suspended(for: pause)
    }

    private mutating func resume() -> Change? {
        defer { state = .good(failures: 0) }
        if case .good = state { return nil }
        return .resumed
    }

    private static func untried(_ failure: DeliveryFailure, _ state: String, for pause: Duration) -> Refusal {
        let untried = DeliveryFailure(
            code: failure.code, reason: "\(failure.reason), \(state)", reply: failure.reply, concernsNextHop: true)
        return Refusal(failure: untried, pause: pause)
    }

    /// Rounded up.
    private static func seconds(_ duration: Duration) -> Int64 {
        let (seconds, rest) = duration.components
        return rest > 0 ? seconds + 1 : seconds
    }
}
