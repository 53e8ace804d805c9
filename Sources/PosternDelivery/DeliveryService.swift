public import Logging
import PosternMail
public import PosternQueue
public import ServiceLifecycle
import Synchronization

/// Brings messages from the queue to their next hop: PosternDelivery decides when (`Scheduler`, a pure machine) and
/// knows how (`Route`, one file each in `Routes/`).
///
///     commit ──> Scheduler ──> claim ──> Route ──> outcomes ──> one settlement ──> DeliveryEvent
///
/// New messages come straight from their commit, already claimed; what waited longer is claimed from the store. At a
/// graceful shutdown nothing new is begun, and `run` returns when the running deliveries are settled.
public final class DeliveryService: Service, CommitListener {
    private let writer: QueueWriter
    private let store: any QueueStore
    private let route: any Route
    private let schedule: RetrySchedule
    private let clock: DeliveryClock
    private let logger: Logger
    private let report: @Sendable (DeliveryEvent) -> Void

    private let scheduler: Mutex<Scheduler>
    private let actions: AsyncStream<Scheduler.Action>
    private let perform: AsyncStream<Scheduler.Action>.Continuation

    /// - Parameters:
    ///   - concurrency: messages under way at once, at least 1.
    ///   - report: told of each recipient after its settlement is durable; must not block for long.
    public convenience init(
        writer: QueueWriter, store: any QueueStore, route: any Route, schedule: RetrySchedule = .standard,
        concurrency: Int = 100, logger: Logger, report: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.init(
            writer: writer, store: store, route: route, schedule: schedule, concurrency: concurrency, clock: .system,
            logger: logger, report: report)
    }

    init(
        writer: QueueWriter, store: any QueueStore, route: any Route, schedule: RetrySchedule, concurrency: Int,
        clock: DeliveryClock, logger: Logger, report: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.writer = writer
        self.store = store
        self.route = route
        self.schedule = schedule
        self.clock = clock
        self.logger = logger
        self.report = report
        scheduler = Mutex(Scheduler(limit: concurrency))
        (actions, perform) = AsyncStream.makeStream()
    }

    /// Delivers until the graceful shutdown.
    public func run() async throws {
        writer.setListener(self)
        await withGracefulShutdownHandler {
            receive(.started)
            await performActions()
            // If the task was cancelled instead, no further commit may be claimed for us either.
            receive(.stopped)
        } onGracefulShutdown: {
            self.receive(.stopped)
        }
    }

    public func reserve(_ count: Int) -> Int {
        scheduler.withLock { $0.reserve(count) }
    }

    public func committed(_ claims: [Claim], reserved: Int, unclaimed: Int) {
        receive(.committed(claims, reserved: reserved, unclaimed: unclaimed))
    }

    /// Whether the shutdown has begun.
    var isStopping: Bool { scheduler.withLock { $0.isStopping } }

    private func receive(_ event: Scheduler.Event) {
        let now = clock.now()
        for action in scheduler.withLock({ $0.receive(event, at: now) }) { perform.yield(action) }
    }

    private func performActions() async {
        await withDiscardingTaskGroup { group in
            for await action in actions {
                switch action {
                case .claim(let limit):
                    claim(limit)
                case .deliver(let claim):
                    group.addTask { await self.deliver(claim) }
                case .wake(let timer, let moment):
                    group.addTask { await self.wake(timer, at: moment) }
                case .finish:
                    perform.finish()
                }
            }
            // Only timers are left.
            group.cancelAll()
        }
    }

    private func claim(_ limit: Int) {
        writer.claimDue(at: clock.now(), limit: limit) { [self] result in
            switch result {
            case .success(let batch):
                receive(.claimed(batch, wished: limit))
            case .failure(let error):
                logger.error("claim-failed", metadata: ["reason": "\(error)"])
                receive(.claimFailed(wished: limit))
            }
        }
    }

    /// The machine asks again if it was woken too early.
    private func wake(_ timer: Int, at moment: Timestamp) async {
        // Sleep throws only when it is cancelled, and then the machine has ended.
        guard (try? await clock.sleep(moment)) != nil else { return }
        receive(.timerFired(timer))
    }

    private func deliver(_ claim: Claim) async {
        let body = DeliveryBody { [store] () throws(QueueError) in try store.body(of: claim) }
        let outcomes = await route.deliver(claim, body: body)
        let now = clock.now()
        let results = zip(claim.recipients, outcomes).map { recipient, outcome in
            DeliveryEvent.Outcome(outcome, retryAt: now + schedule.delay(afterAttempt: recipient.attempt))
        }
        let isSettled = await settle(Settlement(claim: claim, outcomes: results.map(\.settlement)))
        if isSettled {
            for (recipient, outcome) in zip(claim.recipients, results) {
                report(
                    DeliveryEvent(
                        message: claim.message, recipient: recipient.mailbox, attempt: recipient.attempt,
                        route: route.name, outcome: outcome))
            }
        }
        receive(.settled(nextDue: isSettled ? results.compactMap(\.due).min() : nil))
    }

    /// A full disk may have room later; what was delivered is not delivered again meanwhile, since its claim goes on.
    /// - Returns: whether the settlement is stored. If not, the claim lasts until the next start.
    private func settle(_ settlement: Settlement) async -> Bool {
        var pause = Duration.seconds(1)
        while true {
            do throws(QueueError) {
                try await writer.settle(settlement)
                return true
            } catch {
                // After a restart the delivery may be made once more.
                logger.error(
                    "settlement-failed",
                    metadata: ["queue_id": "\(settlement.claim.message.id)", "reason": "\(error)"])
                guard case .full = error, !isStopping else { return false }
            }
            guard (try? await clock.sleep(clock.now() + pause)) != nil else { return false }
            pause = min(pause * 2, .seconds(60))
        }
    }
}
