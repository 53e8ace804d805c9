public import PosternMail

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// When a message is composed, and what makes its identifier one that no other has. It comes in as a value, so that a
/// test gives the same one each time.
public struct Postmark: Hashable, Sendable {
    public let date: Timestamp
    package let id: QueueID

    /// - Parameter random: a fresh random number.
    public init(date: Timestamp, random: UInt64) {
        self.date = date
        id = QueueID(time: date, random: random)
    }

    /// Of this moment, with the system's random numbers.
    public static func now() -> Postmark {
        var time = timespec()
        // This clock is always there.
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        var generator = SystemRandomNumberGenerator()
        return Postmark(date: Timestamp(nanoseconds: nanoseconds), random: generator.next())
    }
}
