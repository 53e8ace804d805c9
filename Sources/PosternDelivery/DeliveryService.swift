public import Logging
public import PosternMail
public import PosternQueue
public import ServiceLifecycle
import Synchronization

/// Brings messages from the queue to their next hop: PosternDelivery decides when (`Scheduler`, a pure machine) and
/// knows how (`Route`, one file each in `Routes/`).
///
///     commit ──> Routing ──> Scheduler ──> consignment ──> Route ──> outcomes ──> one settlement ──> DeliveryEvent
///
/// A claim is taken apart by where its recipients go (`Routing`), and each part is delivered and settled on its own.
/// New messages come straight from their commit, already claimed; what waited longer is claimed from the store. At a
/// graceful shutdown nothing new is begun, and `run` returns when the running deliveries are settled; what has not come to
/// its end after `patience` is cut off, for a next hop may take many minutes.
public final class DeliveryService: Service, CommitListener {
    /// How long running deliveries may go on after the graceful shutdown has begun.
    static let patience = Duration.seconds(20)

    private let writer: QueueWriter
    private let store: any QueueStore
    private let routing: Mutex<Routing>
    private let reporter: Reporter
    private let clock: DeliveryClock
    private let records: NextHopRecords
    private let logger: Logger
    private let report: @Sendable (DeliveryEvent) -> Void
    private let notice: @Sendable (DeliveryNotice) -> Void

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
        /// Of the reports that it enqueues.
        var reports: [ReportKind] = []
        /// What the scheduler is told when it is settled.
        let end: Scheduler.Event
        /// What it is told if it cannot be settled at all.
        let failure: Scheduler.Event
    }

    /// - Parameters:
    ///   - hostname: in whose name reports are written.
    ///   - concurrency: deliveries at once, to all destinations, at least 1.
    ///   - notice: told of what else happens, on any thread; must not block.
    ///   - report: told of each recipient after its settlement is durable, on the writer's thread; must not block.
    public convenience init(
        writer: QueueWriter, store: any QueueStore, routing: Routing, hostname: Domain,
        schedule: RetrySchedule = .standard, concurrency: Int, logger: Logger,
        notice: @escaping @Sendable (DeliveryNotice) -> Void = { _ in },
        report: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.init(
            writer: writer, store: store, routing: routing, hostname: hostname, schedule: schedule,
            concurrency: concurrency, source: .system, logger: logger, notice: notice, report: report)
    }

    init(
        writer: QueueWriter, store: any QueueStore, routing: Routing, hostname: Domain, schedule: RetrySchedule,
        concurrency: Int, source: ClockSource, logger: Logger,
        notice: @escaping @Sendable (DeliveryNotice) -> Void = { _ in },
        report: @escaping @Sendable (DeliveryEvent) -> Void
    ) {
        self.writer = writer
        self.store = store
        reporter = Reporter(hostname: hostname, schedule: schedule)
        clock = DeliveryClock(source) { jump in
            logger.warning("clock-jumped", metadata: ["seconds": "\(jump.components.seconds)"])
        }
        records = NextHopRecords(now: { [clock] in clock.monotonic() }, changed: notice)
        self.routing = Mutex(routing.remembering(records))
        self.logger = logger
        self.notice = notice
        self.report = report
        scheduler = Mutex(Scheduler(limit: concurrency, to: routing.destinations))
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

    /// From now on mail goes other ways; what is under way comes to its end as it was begun. Next hops that stay the same
    /// are not tried anew while they are suspended.
    public func reroute(_ routing: Routing) {
        let routing = routing.remembering(records)
        self.routing.withLock { $0 = routing }
        receive(.rerouted(routing.destinations))
    }

    public func reserve(_ count: Int) -> Int {
        scheduler.withLock { $0.reserve(count) }
    }

    public func committed(_ claims: [Claim], reserved: Int, unclaimed: Int) {
        receive(.committed(consignments(of: claims), reserved: reserved, unclaimed: unclaimed))
    }

    private func consignments(of claims: [Claim]) -> [Consignment] {
        let routing = routing.withLock { $0 }
        return claims.flatMap { routing.consignments(of: $0) }
    }

    /// Whether the shutdown has begun.
    var isStopping: Bool { scheduler.withLock { $0.isStopping } }

    private func receive(_ event: Scheduler.Event) {
        let now = clock.now()
        let actions = scheduler.withLock { $0.receive(event, at: now) }
        var others: [Scheduler.Action] = []
        for action in actions where !performAtOnce(action) { others.append(action) }
        if !others.isEmpty { perform.yield(.perform(others)) }
    }

    /// Delivers where nothing is to be waited for, without a task: that saves two changes of threads for each message.
    /// - Returns: false where the action is for a task, and nothing was done.
    private func performAtOnce(_ action: Scheduler.Action) -> Bool {
        guard case .deliver(let consignment) = action else { return false }
        let (claim, destination) = (consignment.claim, consignment.destination)
        guard let route = routing.withLock({ $0.route(to: destination) }), let outcomes = route.deliverAtOnce(claim),
            let conclusion = reporter.concludeSilently(claim, outcomes, at: moments(of: claim))
        else { return false }
        settle(attempt(at: claim, conclusion, by: route.name) { .settled(destination, nextDue: $0) })
        return true
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
        case .deliver(let consignment):
            group.addTask { await self.deliver(consignment) }
        case .postpone(let consignment, let moment):
            group.addTask { await self.postpone(consignment, until: moment) }
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
                receive(.claimed(consignments(of: batch.claims), nextDue: batch.nextDue, wished: limit))
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

    private func deliver(_ consignment: Consignment) async {
        let destination = consignment.destination
        guard let route = routing.withLock({ $0.route(to: destination) }) else {
            // It is of an earlier configuration, and asks for its way anew.
            return settle(untried(consignment, until: clock.now()) { .settled(destination, nextDue: $0) })
        }
        let body = body(of: consignment.claim)
        let outcomes = await route.deliver(consignment.claim, body: body)
        await conclude(consignment.claim, outcomes, by: route.name, body) { .settled(destination, nextDue: $0) }
    }

    /// Gives back what found no place, without a word unless its sender is to be told of it.
    private func postpone(_ consignment: Consignment, until moment: Timestamp) async {
        let claim = consignment.claim
        guard reporter.isDue(claim, at: clock.age(of: claim.message.received)) else {
            return settle(untried(consignment, until: moment) { .returned(nextDue: $0) })
        }
        let failure = DeliveryFailure(
            code: "4.4.5", reason: "too many deliveries to \(consignment.destination.name) are under way")
        let waits = RouteOutcome.postponed(failure, for: max(moment - clock.now(), .zero))
        let outcomes = claim.recipients.map { _ in waits }
        await conclude(claim, outcomes, by: consignment.destination.name, body(of: claim)) { .returned(nextDue: $0) }
    }

    private func untried(
        _ consignment: Consignment, until moment: Timestamp, _ end: (Timestamp?) -> Scheduler.Event
    ) -> Attempt {
        let claim = consignment.claim
        let moments = moments(of: claim)
        let dues = claim.recipients.map { recipient in
            reporter.due(recipient, of: claim.message, after: max(moment - moments.now, .zero), at: moments)
        }
        return Attempt(
            settlement: Settlement(claim: claim, outcomes: dues.map { .postponed(until: $0) }), events: [],
            end: end(dues.min()), failure: end(nil))
    }

    private func moments(of claim: Claim) -> Reporter.Moments {
        Reporter.Moments(now: clock.now(), wall: clock.wall(), age: clock.age(of: claim.message.received))
    }

    private func body(of claim: Claim) -> DeliveryBody {
        DeliveryBody { [store] () throws(QueueError) in try store.body(of: claim) }
    }

    /// - Parameter end: what the scheduler is told of it, with the earliest time at which a recipient is due again.
    private func conclude(
        _ claim: Claim, _ outcomes: [RouteOutcome], by route: String, _ body: DeliveryBody,
        _ end: (Timestamp?) -> Scheduler.Event
    ) async {
        let conclusion = await reporter.conclude(claim, outcomes, at: moments(of: claim), body: body)
        settle(attempt(at: claim, conclusion, by: route, end))
    }

    private func attempt(
        at claim: Claim, _ conclusion: Reporter.Conclusion, by route: String, _ end: (Timestamp?) -> Scheduler.Event
    ) -> Attempt {
        let events = zip(claim.recipients, conclusion.outcomes).map { recipient, outcome in
            DeliveryEvent(
                message: claim.message, recipient: recipient.mailbox, attempt: recipient.attempt, route: route,
                outcome: outcome)
        }
        return Attempt(
            settlement: Settlement(
                claim: claim, outcomes: conclusion.outcomes.map(\.settlement), enqueuing: conclusion.reports),
            events: events, reports: conclusion.kinds, end: end(conclusion.outcomes.compactMap(\.due).min()),
            failure: end(nil))
    }

    /// No task waits for the commit: what follows it is done by the writer's thread, which saves two changes of threads
    /// for each message (measured: a tenth of the time it takes).
    private func settle(_ attempt: Attempt, pause: Duration = .seconds(1)) {
        writer.settle(attempt.settlement) { [self] result in
            switch result {
            case .success:
                for event in attempt.events { report(event) }
                for kind in attempt.reports { notice(.reported(kind)) }
                receive(attempt.end)
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
        guard case .full = error, !isStopping else { return receive(attempt.failure) }
        perform.yield(.settleAgain(attempt, pause: pause))
    }

    private func settleAgain(_ attempt: Attempt, after pause: Duration) async {
        guard (try? await clock.sleep(clock.now() + pause)) != nil else { return receive(attempt.failure) }
        settle(attempt, pause: min(pause * 2, .seconds(60)))
    }
}
