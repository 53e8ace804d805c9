import NIOCore
import Synchronization

/// Whether the event loops turn: each of them says so once a second.
final class LoopPulse: Sendable {
    private final class Beat: Sendable {
        let nanoseconds: Atomic<UInt64>

        init() { nanoseconds = Atomic(NIODeadline.now().uptimeNanoseconds) }
    }

    private let beats = Mutex<[Beat]>([])

    /// Begins to listen to the loops, which end by themselves.
    func start(on group: any EventLoopGroup) {
        for loop in group.makeIterator() {
            let beat = Beat()
            beats.withLock { $0.append(beat) }
            loop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(1)) { _ in
                beat.nanoseconds.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
            }
        }
    }

    /// How long ago the laziest of the loops has turned; zero where there are none yet.
    var age: Duration {
        let now = NIODeadline.now().uptimeNanoseconds
        let oldest = beats.withLock { $0.map { $0.nanoseconds.load(ordering: .relaxed) }.min() } ?? now
        return .nanoseconds(Int64(clamping: now - min(now, oldest)))
    }
}
