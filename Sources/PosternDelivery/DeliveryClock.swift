import PosternMail
import PosternQueue
import Synchronization

/// Where the delivery's time comes from, handed in so that a test drives it.
struct ClockSource: Sendable {
    /// Of both clocks, at once.
    var read: @Sendable () -> SteadyTime.Reading
    /// Returns after that time on the monotonic clock, or earlier; throws when the task is cancelled.
    var sleep: @Sendable (Duration) async throws -> Void

    static let system: ClockSource = {
        let clock = ContinuousClock()
        let start = clock.now
        return ClockSource(
            read: { SteadyTime.Reading(wall: .now, monotonic: start.duration(to: clock.now)) },
            sleep: { try await Task.sleep(for: $0, clock: clock) })
    }()
}

/// The time and the waiting of the delivery: see `SteadyTime` for what becomes of jumps of the wall clock.
final class DeliveryClock: Sendable {
    private let source: ClockSource
    private let time: Mutex<SteadyTime>
    private let jumped: @Sendable (Duration) -> Void

    /// - Parameter jumped: told by how much the wall clock has jumped.
    init(_ source: ClockSource, jumped: @escaping @Sendable (Duration) -> Void) {
        self.source = source
        self.jumped = jumped
        time = Mutex(SteadyTime(source.read()))
    }

    /// By which what is due is measured.
    func now() -> Timestamp { observed.now }

    /// What the wall clock says, to date a report with.
    func wall() -> Timestamp { source.read().wall }

    /// For what is forgotten at the process's end.
    func monotonic() -> Duration { source.read().monotonic }

    func age(of moment: Timestamp) -> Duration { observed.age(of: moment) }

    /// Returns at that moment or earlier; throws when the task is cancelled. A minute is the longest sleep, so that a
    /// jump is noticed.
    func sleep(_ moment: Timestamp) async throws {
        try await source.sleep(min(max(moment - now(), .zero), .seconds(60)))
    }

    private var observed: SteadyTime {
        let reading = source.read()
        let (steady, jump) = time.withLock { time in
            let jump = time.observe(reading)
            return (time, jump)
        }
        if let jump { jumped(jump) }
        return steady
    }
}
