import Glibc
import NIOCore
package import PosternMail
import PosternSubmission

extension Moment {
    /// Now, by the system's clocks.
    static var now: Moment {
        Moment(wall: .now, monotonic: .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)))
    }
}

extension Timestamp {
    /// Now, by the wall clock.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
