import NIOCore
import PosternMail
import PosternQueue
import PosternSubmission

extension Moment {
    /// Now, by the system's clocks.
    static var now: Moment {
        Moment(wall: .now, monotonic: .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)))
    }
}
