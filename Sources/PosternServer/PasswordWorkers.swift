import NIOPosix
import PosternIdentity
import Synchronization

/// Checks passwords on threads of their own, few of them: each check is a tenth of a second of hard work, which must
/// neither stop an event loop nor take the machine from those who send mail.
final class PasswordWorkers: Sendable {
    private let pool: NIOThreadPool
    private let capacity: Int
    private let taken = Atomic(0)

    /// - Parameters:
    ///   - workers: how many passwords are checked at once.
    ///   - waiting: how many more may wait for their turn.
    init(workers: Int, waiting: Int) {
        pool = NIOThreadPool(numberOfThreads: workers)
        capacity = workers + waiting
        pool.start()
    }

    /// - Parameter completion: called on a worker.
    /// - Returns: false, and nothing happens, where too many wait already.
    func check(_ attempt: PasswordAttempt, completion: @escaping @Sendable (PasswordVerdict) -> Void) -> Bool {
        guard taken.add(1, ordering: .relaxed).newValue <= capacity else {
            taken.subtract(1, ordering: .relaxed)
            return false
        }
        pool.submit { [self] state in
            defer { taken.subtract(1, ordering: .relaxed) }
            guard case .active = state else { return }
            completion(attempt.run())
        }
        return true
    }

    func stop() async throws {
        try await pool.shutdownGracefully()
    }
}
