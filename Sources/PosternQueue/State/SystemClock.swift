import Glibc
package import PosternMail

extension Timestamp {
    /// Now, by the wall clock. The rooms below this one are pure and are handed moments.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
