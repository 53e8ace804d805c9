import Glibc
import PosternMail

extension Timestamp {
    /// The wall clock. Commands read it once and hand it on; the rooms never do.
    static var now: Timestamp {
        var time = timespec()
        // Fails only for a clock that the system does not know.
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
