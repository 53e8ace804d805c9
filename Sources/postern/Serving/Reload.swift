import Dispatch
import Logging
import PosternAdmin
import PosternConfiguration
import PosternDelivery
import PosternMail
import PosternQueue
import PosternServer
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the configuration anew at SIGHUP, when somebody asks for it, and when it or a file that it names has changed. If
/// nothing is wrong with it, it is in force from then on, for open sessions from their next command on; if anything is,
/// all of the old one stays.
///
/// Files are looked at and read on a queue of their own, one reading after the other: a disk that does not answer holds up
/// reloads, and nothing else.
final class Reload: Service {
    private struct State {
        /// What is in force.
        var assembled: Assembled
        /// The files as they were when they were last read, the configuration first.
        var stamps: [FileStamp?]
        /// The files at the last look at them.
        var lastLook: [FileStamp?]
        /// Whether a look is under way.
        var isLooking = false
        /// How often a configuration was put in force, the start included.
        var generation = 1
        var refused = 0
    }

    /// Of the configuration.
    private let path: String
    /// What the process was started with.
    private let started: Assembled
    private let generation: CurrentGeneration
    private let delivery: DeliveryService
    private let logger: Logger
    /// Told of each reload.
    private let answered: @Sendable (ReloadAnswer) -> Void
    /// Of two reloads at once the later would be undone by the earlier.
    private let readings = DispatchQueue(label: "reload")
    /// Never held while a file is looked at.
    private let state: Mutex<State>

    init(
        path: String, started: Assembled, generation: CurrentGeneration, delivery: DeliveryService, logger: Logger,
        answered: @escaping @Sendable (ReloadAnswer) -> Void
    ) {
        self.answered = answered
        self.path = path
        self.started = started
        self.generation = generation
        self.delivery = delivery
        self.logger = logger
        let stamps = Self.stamps(path, started)
        state = Mutex(State(assembled: started, stamps: stamps, lastLook: stamps))
    }

    private static let interval = Duration.milliseconds(500)

    /// How often a configuration was put in force, the start included, and how often one was refused.
    var counts: (inForce: Int, refused: Int) { state.withLock { ($0.generation, $0.refused) } }

    /// What is in force.
    var assembled: Assembled { state.withLock { $0.assembled } }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch() }
            // Not awaited, for it may take for ever, and the end must not.
            for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
                readings.async { self.readAnew() }
            }
            group.cancelAll()
        }
    }

    /// Looks at the files twice a second. A change is taken up when nothing has changed since the look before: whoever
    /// writes several files, or one in several steps, has then probably done so.
    private func watch() async {
        while (try? await Task.sleep(for: Self.interval)) != nil {
            let isAlone = state.withLock { state in
                defer { state.isLooking = true }
                return !state.isLooking
            }
            if isAlone { readings.async { self.look() } }
        }
    }

    private func look() {
        let now = Self.stamps(path, assembled)
        let isChanged = state.withLock { state in
            defer { (state.lastLook, state.isLooking) = (now, false) }
            return now == state.lastLook && now != state.stamps
        }
        if isChanged { readAnew() }
    }

    private static func stamps(_ path: String, _ assembled: Assembled) -> [FileStamp?] {
        ([path] + assembled.files).map { FileStamp(of: $0) }
    }

    func reload() async -> ReloadAnswer {
        await withCheckedContinuation { continuation in
            readings.async { continuation.resume(returning: self.readAnew()) }
        }
    }

    /// On the queue of readings alone.
    @discardableResult
    private func readAnew() -> ReloadAnswer {
        let answer = read()
        answered(answer)
        return answer
    }

    private func read() -> ReloadAnswer {
        let old = assembled
        // What changes while they are read is a change again.
        let stamps = Self.stamps(path, old)
        state.withLock { $0.stamps = stamps }
        let reading = Assembled.read(path, at: .now)
        guard let assembled = reading.value else { return refuse(reading.problems.map { "\($0)" }) }
        let fixed = started.fixedSettings(changedIn: assembled)
        guard fixed.isEmpty else {
            let advice = "has changed, which takes effect with a restart alone: restart, or change it back"
            return refuse(fixed.map { "\($0) \(advice)" })
        }
        generation.replace(Generation(assembled))
        delivery.reroute(assembled.routing)
        let newStamps = assembled.files == old.files ? stamps : Self.stamps(path, assembled)
        let number = state.withLock { state in
            state.stamps = newStamps
            state.assembled = assembled
            state.generation += 1
            return state.generation
        }
        let hazards = reading.problems.map { "\($0)" }
        for hazard in hazards { logger.log(.warning, .hazard, ["problem": .string(hazard)]) }
        logger.log(.notice, .reloaded, ["generation": .stringConvertible(number)])
        return .inForce(generation: number, warnings: hazards)
    }

    private func refuse(_ problems: [String]) -> ReloadAnswer {
        state.withLock { $0.refused += 1 }
        for problem in problems { logger.log(.error, .reloadRefused, ["problem": .string(problem)]) }
        return .refused(problems)
    }
}

extension Generation {
    convenience init(_ assembled: Assembled) {
        self.init(
            snapshot: assembled.snapshot, settings: assembled.listeners.map(\.settings),
            tls: assembled.serverCertificate.tls)
    }
}

extension Assembled {
    /// The keys whose values a running process cannot change, and that are others there.
    func fixedSettings(changedIn other: Assembled) -> [String] {
        let isSame = [
            ("hostname", hostname == other.hostname), ("state", state == other.state),
            ("schedule", schedule == other.schedule), ("log", log == other.log),
            ("limits: delivery-connections", deliveryConnections == other.deliveryConnections),
            ("audit-log", auditLog == other.auditLog),
            (
                "metrics",
                metrics?.address.value == other.metrics?.address.value
                    && metrics?.port.value == other.metrics?.port.value
            ),
            ("limits (those of the process)", limits == other.limits),
            ("listeners (name, address, port or tls)", listeners.map(\.place) == other.listeners.map(\.place)),
        ]
        return isSame.filter { !$0.1 }.map(\.0)
    }
}

extension AssembledListener {
    fileprivate struct Place: Equatable {
        let name: String
        let address: String?
        let port: Int
        let isImplicit: Bool
    }

    fileprivate var place: Place {
        Place(name: name, address: address, port: port, isImplicit: settings.listener.tls == .implicit)
    }
}
