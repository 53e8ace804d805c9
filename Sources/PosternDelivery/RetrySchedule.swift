import PosternMail

/// How long a deferred recipient waits for its next attempt, and when there is none any more (RFC 5321 §4.5.4.1).
public struct RetrySchedule: Hashable, Sendable {
    /// After the first attempt, the second and so on; the last one holds for all that follow.
    private let delays: [Duration]
    /// How long a message is tried: the RFC asks for four to five days.
    private static let lifetime = Duration.seconds(5 * 86_400)

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

    /// What an outcome comes to: after the time of its message, deferred is failed (RFC 3463 §3.5, X.4.7).
    func judge(_ outcome: RouteOutcome, received: Timestamp, at now: Timestamp) -> RouteOutcome {
        guard case .deferred(let failure) = outcome, now >= received + Self.lifetime else { return outcome }
        return .failed(
            DeliveryFailure(
                code: "4.4.7", reason: "not delivered within 5 days; the last attempt: \(failure)",
                reply: failure.reply))
    }
}
