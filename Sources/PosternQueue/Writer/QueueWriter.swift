import Dispatch
import Foundation
public import PosternMail
import Synchronization

/// The one thread through which everything enters and leaves the store.
///
/// Callers hand in work from any thread and are called back on the writer's. All that waits goes into one transaction:
/// what arrives while the disk syncs shares the next sync. A message is reported as stored only after a sync of its
/// body, of the folder and of the store have each returned without an error.
///
/// After a failed sync or commit the writer ends for good: every caller, waiting or to come, gets a failure.
public final class QueueWriter: Sendable {
    private struct State {
        var waiting: [QueueWork] = []
        /// Whether somebody waits for an answer among them.
        var isUrgent = false
        var phase = Phase.running
        var listener: (any CommitListener)?

        var isStopping: Bool {
            if case .running = phase { false } else { true }
        }

        /// What the thread waits for while it lingers: this ends when somebody waits for an answer.
        private var lingering: DispatchGroup?

        /// Nil where there is a reason to go on at once.
        mutating func beginLingering() -> DispatchGroup? {
            guard !waiting.isEmpty, !isUrgent, !isStopping else { return nil }
            let end = DispatchGroup()
            end.enter()
            lingering = end
            return end
        }

        mutating func endLingering() {
            lingering?.leave()
            lingering = nil
        }
    }

    private enum Phase {
        case running
        /// Finishes what waits; those who are to be told when it has.
        case stopping([CheckedContinuation<Void, Never>])
        case ended(StorageFault?)
    }

    private let state = Mutex(State())
    /// How long outcomes of deliveries wait for a message to share its sync. Nobody waits for them, and a sync of their
    /// own would keep the messages that come meanwhile waiting (measured: a third more messages a second).
    private static let patience = DispatchTimeInterval.milliseconds(10)

    /// Signalled when there is something to look at after there was nothing, when somebody begins to wait for an answer,
    /// and at the stop.
    private let wake = DispatchSemaphore(value: 0)
    /// Let go at the end, before anyone is told of it, so that whoever waited may open the store anew.
    private let commit: Mutex<GroupCommit?>
    private let failed: @Sendable (StorageFault) -> Void

    /// Starts the thread.
    /// - Parameters:
    ///   - bodies: the folder whose files the messages' bodies are.
    ///   - committed: called after each commit, on the writer's thread; must not block.
    ///   - failed: called when the storage has failed, on the writer's thread or whoever reports it; must not block. The
    ///     process must end, so that a fresh one reads what is really on the disk.
    public convenience init(
        store: any QueueStore, bodies: BodyFolder, committed: @escaping @Sendable (CommitRecord) -> Void = { _ in },
        failed: @escaping @Sendable (StorageFault) -> Void
    ) {
        self.init(store: store, bodies: bodies, syncCalls: .system, committed: committed, failed: failed)
    }

    package init(
        store: any QueueStore, bodies: BodyFolder, syncCalls: SyncCalls,
        committed: @escaping @Sendable (CommitRecord) -> Void = { _ in },
        failed: @escaping @Sendable (StorageFault) -> Void
    ) {
        commit = Mutex(GroupCommit(store: store, bodies: bodies, syncCalls: syncCalls, committed: committed))
        self.failed = failed
        let thread = Thread { [self] in run() }
        thread.name = "queue writer"
        thread.start()
    }

    /// Names the one who delivers. Messages committed before are in the store, due.
    public func setListener(_ listener: any CommitListener) {
        state.withLock { $0.listener = listener }
    }

    /// Takes a message into the queue.
    /// - Parameter completion: called on the writer's thread after the commit, or on the caller's if the writer has
    ///   ended; must not block. A failure means that the message is not accepted; its body has been removed, unless
    ///   the storage failed.
    public func submit(_ message: NewMessage, completion: @escaping @Sendable (Result<Void, QueueError>) -> Void) {
        add(.enqueue(message, completion))
    }

    /// Claims what is due.
    /// - Parameter limit: messages.
    public func claimDue(
        at now: Timestamp, limit: Int, completion: @escaping @Sendable (Result<ClaimedBatch, QueueError>) -> Void
    ) {
        add(.claim(at: now, limit: limit, completion))
    }

    /// There is too little room on the disk: gives back what can be given back, soon.
    public func makeRoom() {
        add(.makeRoom)
    }

    /// Ends a claim.
    public func settle(_ settlement: Settlement, completion: @escaping @Sendable (Result<Void, QueueError>) -> Void) {
        add(.settle(settlement, completion))
    }

    /// A write beside the writer's own has failed, that of a body: it is as bad a sign.
    public func report(_ fault: StorageFault) {
        failed(fault)
    }

    /// Commits what waits, refuses what comes, and returns when the thread has ended.
    public func stop() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                switch state.phase {
                case .running:
                    state.phase = .stopping([continuation])
                case .stopping(let others):
                    state.phase = .stopping(others + [continuation])
                    return false
                case .ended:
                    return true
                }
                state.endLingering()
                wake.signal()
                return false
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func add(_ work: QueueWork) {
        let refusal: QueueError? = state.withLock { state in
            switch state.phase {
            case .running:
                let wakes = state.waiting.isEmpty || work.isUrgent && !state.isUrgent
                state.waiting.append(work)
                if work.isUrgent {
                    state.isUrgent = true
                    state.endLingering()
                }
                if wakes { wake.signal() }
                return nil
            case .stopping:
                return .stopped(nil)
            case .ended(let fault):
                return .stopped(fault)
            }
        }
        guard let refusal else { return }
        work.newMessage?.body.discard()
        work.fail(refusal)
    }

    private func run() {
        let fault = commitUntilStopped()
        commit.withLock { $0 = nil }
        end(fault)
    }

    /// - Returns: the fault of the storage that ended it, if one did.
    private func commitUntilStopped() -> StorageFault? {
        guard let commit = commit.withLock({ $0 }) else { return nil }
        while true {
            wake.wait()
            linger()
            let (work, listener, isStopping) = state.withLock { state in
                defer { (state.waiting, state.isUrgent) = ([], false) }
                return (state.waiting, state.listener, state.isStopping)
            }
            // There may be nothing: a signal is left over when an earlier round took its work along.
            if !work.isEmpty {
                do {
                    try commit.run(work, listener: listener)
                } catch {
                    return error
                }
            }
            // What was handed in before the stop is in `work`; nothing is taken after it.
            if isStopping { return nil }
        }
    }

    /// Waits by the monotonic clock, as a group does: a semaphore does so by the wall clock, and if that is set back just
    /// then, outcomes would wait until it is there again.
    private func linger() {
        guard let end = state.withLock({ $0.beginLingering() }) else { return }
        _ = end.wait(timeout: .now() + Self.patience)
        state.withLock { $0.endLingering() }
    }

    private func end(_ fault: StorageFault?) {
        let (unserved, waiting) = state.withLock { state in
            var waiting: [CheckedContinuation<Void, Never>] = []
            if case .stopping(let continuations) = state.phase { waiting = continuations }
            state.phase = .ended(fault)
            defer { state.waiting = [] }
            return (state.waiting, waiting)
        }
        for work in unserved {
            work.newMessage?.body.discard()
            work.fail(.stopped(fault))
        }
        if let fault { failed(fault) }
        for continuation in waiting { continuation.resume() }
    }
}

extension QueueWriter {
    /// Takes a message into the queue.
    public func submit(_ message: NewMessage) async throws(QueueError) {
        try await withCheckedContinuation { continuation in
            submit(message) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Claims what is due.
    public func claimDue(at now: Timestamp, limit: Int) async throws(QueueError) -> ClaimedBatch {
        try await withCheckedContinuation { continuation in
            claimDue(at: now, limit: limit) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Ends a claim.
    public func settle(_ settlement: Settlement) async throws(QueueError) {
        try await withCheckedContinuation { continuation in
            settle(settlement) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Does what an operator wishes to all recipients that the filter names, thousands of them if need be: in steps, with
    /// the work of others between them and beside them, so that nobody waits for it long.
    /// - Throws: `QueueError`; steps that were done stay done.
    public func change(
        _ change: QueueChange, of filter: QueueFilter, at now: Timestamp
    ) async throws(QueueError) -> QueueChangeReport {
        var report = QueueChangeReport()
        var cursor: QueueCursor?
        repeat {
            let request = QueueChangeRequest(
                change: change, filter: filter, cursor: cursor, limit: Self.changeLimit, now: now)
            let step = try await step(request)
            report.add(step.report)
            cursor = step.next
        } while cursor != nil
        return report
    }

    private func step(_ request: QueueChangeRequest) async throws(QueueError) -> QueueChangeStep {
        try await withCheckedContinuation { continuation in
            add(.change(request) { continuation.resume(returning: $0) })
        }.get()
    }

    /// Commits something that means nothing, to see whether the storage works.
    public func probe(at now: Timestamp) async throws(QueueError) {
        try await withCheckedContinuation { continuation in
            add(.probe(at: now) { continuation.resume(returning: $0) })
        }.get()
    }

    /// Recipients of one step: some milliseconds of the writer's time.
    private static let changeLimit = 500
}
