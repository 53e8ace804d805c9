import Glibc
import NIOPosix
import PosternIdentity
import PosternSubmission
import Synchronization

/// Checks passwords on threads of their own, few of them: each check is a tenth of a second of hard work, which must
/// neither stop an event loop nor take the machine from those who send mail.
final class PasswordWorkers: Sendable {
    /// What became of an attempt.
    enum Result: Sendable {
        case checked(PasswordVerdict, delay: Duration, alarms: [LoginThrottle.Alarm])
        case notChecked(PasswordObstacle)
    }

    /// Far behind those who serve sessions: on a busy machine a login waits, and mail does not (measured).
    private static let niceness: Int32 = 15
    /// A check that took longer than this was held up by others, and says nothing of what a check takes.
    private static let longestCheck = Duration.seconds(2)

    private let pool: NIOThreadPool
    private let capacity: Int
    private let taken = Atomic(0)
    private let throttle: Mutex<LoginThrottle>
    /// What the longest check has taken so far.
    private let longest = Mutex(Duration.zero)

    /// - Parameters:
    ///   - workers: how many passwords are checked at once.
    ///   - waiting: how many more may wait for their turn.
    ///   - failures: wrong ones that are checked a minute, of one network and of one account.
    init(workers: Int, waiting: Int, failures: Int) {
        pool = NIOThreadPool(numberOfThreads: workers)
        capacity = workers + waiting
        throttle = Mutex(LoginThrottle(limit: failures))
        pool.start()
    }

    /// - Parameter completion: called on a worker, or at once.
    func check(
        _ attempt: PasswordAttempt, from network: ClientNetwork, completion: @escaping @Sendable (Result) -> Void
    ) {
        // Whoever has guessed too often takes nobody's place.
        if let obstacle = PasswordObstacle(
            throttle.withLock { $0.decision(on: attempt.subject, from: network, at: Moment.now.monotonic) })
        {
            return completion(.notChecked(obstacle))
        }
        guard taken.add(1, ordering: .relaxed).newValue <= capacity else {
            taken.subtract(1, ordering: .relaxed)
            return completion(.notChecked(.workersBusy))
        }
        pool.submit { [self] state in
            defer { taken.subtract(1, ordering: .relaxed) }
            guard case .active = state else { return }
            completion(run(attempt, from: network))
        }
    }

    func stop() async throws {
        try await pool.shutdownGracefully()
    }

    /// Asks again when its turn has come: of two hundred guesses that were sent at once most are not checked.
    private func run(_ attempt: PasswordAttempt, from network: ClientNetwork) -> Result {
        // Of this thread alone (Linux).
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        let start = Moment.now.monotonic
        let decision = throttle.withLock { $0.begin(attempt.subject, from: network, at: start) }
        if let obstacle = PasswordObstacle(decision) { return .notChecked(obstacle) }
        let verdict = attempt.run()
        let end = Moment.now.monotonic
        let outcome = throttle.withLock {
            $0.end(attempt.subject, from: network, isRight: verdict.isRight, at: end)
        }
        let padding = padding(after: end - start)
        return .checked(verdict, delay: verdict.isRight ? .zero : outcome.delay + padding, alarms: outcome.alarms)
    }

    /// A wrong password is answered after the time of the longest check, whatever its own took: accounts that keep their
    /// passwords in a cheaper form are not told apart from names that nobody has (threats.md D1).
    private func padding(after took: Duration) -> Duration {
        longest.withLock { longest in
            longest = max(longest, min(took, Self.longestCheck))
            return max(.zero, longest - took)
        }
    }
}

extension PasswordObstacle {
    fileprivate init?(_ decision: LoginThrottle.Decision) {
        switch decision {
        case .check: return nil
        case .networkSpent: self = .tooManyFailures
        case .accountSpent: self = .accountUnderAttack
        }
    }
}
