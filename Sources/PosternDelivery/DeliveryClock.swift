import Glibc
import PosternMail

/// The wall clock and the waiting of the delivery, handed in so that a test drives them.
struct DeliveryClock: Sendable {
    var now: @Sendable () -> Timestamp
    /// Throws when the task is cancelled.
    var sleep: @Sendable (Duration) async throws -> Void

    static let system = DeliveryClock(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(seconds: Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
        },
        sleep: { try await Task.sleep(for: $0) })
}
