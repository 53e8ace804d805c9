public import Logging
public import PosternMail
public import PosternQueue
public import ServiceLifecycle
import Synchronization

/// Brings messages from the queue to their next hop: PosternDelivery decides when (`Scheduler`, a pure machine) and
/// knows how (`Route`, one file each in `Routes/`).
///
///     commit ──> Scheduler ──> claim ──> Route ──> outcomes ──> one settlement ──> DeliveryEvent
///
/// New messages come straight from their commit, already claimed; what waited longer is claimed from the store. At a
/// graceful shutdown nothing new is begun, and `run` returns when the running deliveries are settled; what has not come to
/// its end after `patience` is cut off, for a next hop may take many minutes.
public final class DeliveryService: Service, CommitListener {
    /// How long running deliveries may go on after the graceful shutdown has begun.
    static let patience = Duration.seconds(20)

    private let writer: QueueWriter
    private let store: any QueueStore
    private let route: any Route
    private let reporter: Reporter
    private let clock: DeliveryClock
    private let logger: Logger
    private let report: @Sendable (DeliveryEvent) -> Void

    private let scheduler: Mutex<Scheduler>
    private let work: AsyncStream<Work>
    private let perform: AsyncStream<Work>.Continuation

    /// What the service's own task does, beside what the writer's thread does in its callbacks.
    private enum Work {
        case perform([Scheduler.Action])
        /// The disk was full; the settlement is tried again after the pause.
        case settleAgain(Attempt, pause: Duration)
        /// The graceful shutdown has begun.
        case waitForEnd
        /// It has lasted too long.
        case cutOff
    }

    /// A delivery that was made, and what became of it.
    private struct Attempt: Sendable {
        let settlement: Settlement
        let events: [DeliveryEvent]
        let nextDue: Timestamp?
    }

    /// - Parameters:
    ///   - hostname: in whose name reports are written.
    ///   - concurrency: messages under way at once, at least 1.
    ///   - report: told of each recipient after its settlement is durable, on the writer's thread; must not block.
    public convenience init(
        writer: QueueWriter, store: any QueueStore, route: any Route, hostname: Domain,
        schedule: RetrySchedule = .standard, concurrency: Int = 100, logger: Logger,
        report: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.init(
            writer: writer, store: store, route: route, hostname: hostname, schedule: schedule,
            concurrency: concurrency, source: .system, logger: logger, report: report)
    }

    init(
        writer: QueueWriter, store: any QueueStore, route: any Route, hostname: Domain, schedule: RetrySchedule,
        concurrency: Int, source: ClockSource, logger: Logger, report: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.writer = writer
        self.store = store
        self.route = route
        reporter = Reporter(hostname: hostname, schedule: schedule)
        clock = DeliveryClock(source) { jump in
            logger.warning("clock-jumped", metadata: ["seconds": "\(jump.components.seconds)"])
        }
        self.logger = logger
        self.report = report
        scheduler = Mutex(Scheduler(limit: concurrency))
        (work, perform) = AsyncStream.makeStream()
    }

    /// Delivers until the graceful shutdown.
    public func run() async throws {
        writer.setListener(self)
        await withGracefulShutdownHandler {
            receive(.started)
            await performWork()
            // If the task was cancelled instead, no further commit may be claimed for us either.
            receive(.stopped)
        } onGracefulShutdown: {
            self.perform.yield(.waitForEnd)
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
        let actions = scheduler.withLock { $0.receive(event, at: now) }
        if !actions.isEmpty { perform.yield(.perform(actions)) }
    }

    private func performWork() async {
        await withDiscardingTaskGroup { group in
            for await work in work {
                switch work {
                case .perform(let actions):
                    for action in actions { perform(action, in: &group) }
                case .settleAgain(let attempt, let pause):
                    group.addTask { await self.settleAgain(attempt, after: pause) }
                case .waitForEnd:
                    group.addTask { await self.waitForEnd() }
                case .cutOff:
                    group.cancelAll()
                }
            }
            // Only timers are left.
            group.cancelAll()
        }
    }

    /// Ends early, and without effect, when the deliveries have ended.
    private func waitForEnd() async {
        let end = clock.now() + Self.patience
        while clock.now() < end {
            guard (try? await clock.sleep(end)) != nil else { return }
        }
        perform.yield(.cutOff)
    }

    private func perform(_ action: Scheduler.Action, in group: inout DiscardingTaskGroup) {
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
        let moments = Reporter.Moments(
            now: clock.now(), wall: clock.wall(), age: clock.age(of: claim.message.received))
        let conclusion = await reporter.conclude(claim, outcomes, at: moments, body: body)
        let events = zip(claim.recipients, conclusion.outcomes).map { recipient, outcome in
            DeliveryEvent(
                message: claim.message, recipient: recipient.mailbox, attempt: recipient.attempt, route: route.name,
                outcome: outcome)
        }
        settle(
            Attempt(
                settlement: Settlement(
                    claim: claim, outcomes: conclusion.outcomes.map(\.settlement), enqueuing: conclusion.reports),
                events: events, nextDue: conclusion.outcomes.compactMap(\.due).min()))
    }

    /// No task waits for the commit: what follows it is done by the writer's thread, which saves two changes of threads
    /// for each message (measured: a tenth of the time it takes).
    private func settle(_ attempt: Attempt, pause: Duration = .seconds(1)) {
        writer.settle(attempt.settlement) { [self] result in
            switch result {
            case .success:
                for event in attempt.events { report(event) }
                receive(.settled(nextDue: attempt.nextDue))
            case .failure(let error):
                notSettled(attempt, error, pause)
            }
        }
    }

    /// A full disk may have room later; what was delivered is not delivered again meanwhile, since its claim goes on.
    /// After any other failure the claim lasts until the next start, and the delivery may be made once more.
    private func notSettled(_ attempt: Attempt, _ error: QueueError, _ pause: Duration) {
        logger.error(
            "settlement-failed",
            metadata: ["queue_id": "\(attempt.settlement.claim.message.id)", "reason": "\(error)"])
        guard case .full = error, !isStopping else { return receive(.settled(nextDue: nil)) }
        perform.yield(.settleAgain(attempt, pause: pause))
    }

    private func settleAgain(_ attempt: Attempt, after pause: Duration) async {
        guard (try? await clock.sleep(clock.now() + pause)) != nil else { return receive(.settled(nextDue: nil)) }
        settle(attempt, pause: min(pause * 2, .seconds(60)))
    }
}
