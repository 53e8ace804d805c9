import Logging
import PosternMail
import PosternQueue
import ServiceLifecycle
import Synchronization

/// Whether what is accepted can be kept: the time since the last commit that reached the disk. Where no mail comes, a
/// commit that means nothing is made every few seconds, so that a disk that fails shows before a client meets it.
final class Canary: Service {
    private static let interval = Duration.seconds(5)
    /// Beyond it the process is not ready.
    static let patience = Duration.seconds(10)

    private let start = ContinuousClock.now
    /// Since the start.
    private let lastCommit = Atomic<Int64>(0)
    private let lastError = Mutex<QueueError?>(nil)
    private let writer = Mutex<QueueWriter?>(nil)
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// To be called after each commit.
    func committed() {
        lastCommit.store((ContinuousClock.now - start).wholeNanoseconds, ordering: .relaxed)
    }

    func watch(_ writer: QueueWriter) { self.writer.withLock { $0 = writer } }

    var age: Duration {
        ContinuousClock.now - start - .nanoseconds(lastCommit.load(ordering: .relaxed))
    }

    /// Why the last probe failed, if it did.
    var fault: QueueError? { lastError.withLock { $0 } }

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                if self.age >= Self.interval { await self.probe() }
            }
        }
    }

    private func probe() async {
        guard let writer = writer.withLock({ $0 }) else { return }
        do throws(QueueError) {
            try await writer.probe(at: .now)
            lastError.withLock { $0 = nil }
        } catch {
            lastError.withLock { $0 = error }
            logger.log(.error, .probeFailed, ["reason": .string("\(error)")])
        }
    }
}
