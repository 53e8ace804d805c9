/// How long a deferred recipient waits for its next attempt (RFC 5321 §4.5.4.1).
public struct RetrySchedule: Hashable, Sendable {
    /// After the first attempt, the second and so on; the last one holds for all that follow.
    private let delays: [Duration]

    /// Short at first, since many faults pass in minutes; then half an hour, the least that the RFC asks for.
    public static let standard = RetrySchedule(delays: [.seconds(60), .seconds(300), .seconds(900), .seconds(1800)])

    /// - Parameter delays: at least one.
    init(delays: [Duration]) {
        self.delays = delays
    }

    /// - Parameter attempt: the number of the attempt that was just made, from 1.
    public func delay(afterAttempt attempt: Int) -> Duration {
        delays[min(max(attempt, 1), delays.count) - 1]
    }
}
