import ArgumentParser
import Dispatch
import Glibc
import PosternQueue
import Synchronization

/// Ends the process after a failure of the storage. The disk's state is unknown: only a fresh process that reads it again
/// may speak of it. Nothing is flushed.
final class StorageFailureEnd: Sendable {
    /// Those whose message it was shall read their 451 before the connection ends.
    private static let delay = DispatchTimeInterval.milliseconds(500)

    private let log: ProcessLog
    private let hasBegun = Atomic(false)

    init(log: ProcessLog) {
        self.log = log
    }

    /// Returns at once; only the first call does anything.
    func begin(after fault: StorageFault) {
        guard !hasBegun.exchange(true, ordering: .relaxed) else { return }
        log.logger.log(.critical, .storageFailed, ["reason": .string(fault.description)])
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.delay) { [log] in
            log.flush()
            _exit(ExitCode.temporaryFailure.rawValue)
        }
    }
}
