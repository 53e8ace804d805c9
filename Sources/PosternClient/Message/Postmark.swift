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
    /// 26 characters of letters and digits.
    let token: String

    /// - Parameter random: two fresh random numbers.
    public init(date: Timestamp, random: (UInt64, UInt64)) {
        self.date = date
        token = Self.digits(random.0) + Self.digits(random.1)
    }

    /// Of this moment, with the system's random numbers.
    public static func now() -> Postmark {
        var generator = SystemRandomNumberGenerator()
        var time = timespec()
        // This clock is always there.
        clock_gettime(CLOCK_REALTIME, &time)
        return Postmark(date: Timestamp(seconds: Int64(time.tv_sec)), random: (generator.next(), generator.next()))
    }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 32)
        return String(repeating: "0", count: 13 - digits.utf8.count) + digits
    }
}
