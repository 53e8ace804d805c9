import Glibc
import PosternMail

/// The wall clock and the waiting of the delivery, handed in so that a test drives them.
struct DeliveryClock: Sendable {
    var now: @Sendable () -> Timestamp
    /// Returns at that moment or earlier; throws when the task is cancelled.
    var sleep: @Sendable (_ until: Timestamp) async throws -> Void

    /// Sleeps a minute at most, since the wall clock may jump meanwhile.
    static let system = DeliveryClock(
        now: { systemTime() },
        sleep: { moment in try await Task.sleep(for: min(max(moment - systemTime(), .zero), .seconds(60))) })

    private static func systemTime() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
