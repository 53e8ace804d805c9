import PosternMail

/// How long a deferred recipient waits for its next attempt, when its sender is told that it takes long, and when there
/// is no attempt any more (RFC 5321 §4.5.4.1).
public struct RetrySchedule: Hashable, Sendable {
    /// After the first attempt, the second and so on; the last one holds for all that follow.
    private let delays: [Duration]
    /// How long a message is tried: the RFC asks for four to five days.
    let lifetime: Duration
    /// How old a message is when its sender is told of the delay; nil for never.
    private let warning: Duration?

    /// Short at first, since many faults pass in minutes; then half an hour, the least that the RFC asks for.
    public static let standard = RetrySchedule(
        retry: [.seconds(60), .seconds(300), .seconds(900), .seconds(1800)], lifetime: .seconds(5 * 86_400),
        warning: .seconds(4 * 3_600))

    /// - Parameters:
    ///   - delays: without any, each attempt follows a minute after the one before.
    ///   - warning: the sender is told of a message that has this age and is deferred; nil: never.
    public init(retry delays: [Duration], lifetime: Duration, warning: Duration?) {
        self.delays = delays.isEmpty ? [.seconds(60)] : delays
        self.lifetime = lifetime
        self.warning = warning
    }

    /// - Parameter attempt: the number of the attempt that was just made, from 1.
    public func delay(afterAttempt attempt: Int) -> Duration {
        delays[min(max(attempt, 1), delays.count) - 1]
    }

    /// Nothing can wait longer for its next attempt.
    public var longestDelay: Duration { delays.max() ?? .zero }

    func isLate(at age: Duration) -> Bool {
        warning.map { age >= $0 } ?? false
    }

    /// How long until something becomes of a message though no attempt is due: its sender is told of the delay, or it has
    /// failed.
    /// - Parameter isToBeWarned: whether the sender is told of a delay at all, and was not.
    func timeLeft(at age: Duration, isToBeWarned: Bool) -> Duration {
        guard isToBeWarned, let warning, age < warning else { return lifetime - age }
        return min(warning, lifetime) - age
    }

    /// What an outcome comes to: after the time of its message, deferred is failed (RFC 3463 §3.5, X.4.7).
    func judge(_ outcome: RouteOutcome, at age: Duration) -> RouteOutcome {
        guard age >= lifetime else { return outcome }
        switch outcome {
        case .delivered, .failed: return outcome
        case .deferred(let failure), .postponed(let failure, _):
            return .failed(
                DeliveryFailure(
                    code: "4.4.7",
                    reason: "not delivered within \(Self.words(lifetime)); the last attempt: \(failure)",
                    reply: failure.reply, isUncertain: failure.isUncertain))
        }
    }

    /// `5 days`, `36 hours`: in the largest unit in which it is a whole number.
    static func words(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (unit, length) in [("day", 86_400), ("hour", 3_600), ("minute", 60)] as [(String, Int64)]
        where seconds >= length && seconds % length == 0 {
            return "\(seconds / length) \(unit)\(seconds == length ? "" : "s")"
        }
        return "\(seconds) second\(seconds == 1 ? "" : "s")"
    }
}
