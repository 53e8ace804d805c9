import PosternMail
import PosternQueue

/// The wall clock and the waiting of the delivery, handed in so that a test drives them.
struct DeliveryClock: Sendable {
    var now: @Sendable () -> Timestamp
    /// Returns at that moment or earlier; throws when the task is cancelled.
    var sleep: @Sendable (_ until: Timestamp) async throws -> Void

    /// Sleeps a minute at most, since the wall clock may jump meanwhile.
    static let system = DeliveryClock(
        now: { .now },
        sleep: { moment in try await Task.sleep(for: min(max(moment - .now, .zero), .seconds(60))) })
}
