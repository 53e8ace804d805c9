import Logging
import PosternConfiguration
import PosternDelivery
import PosternMail
import PosternQueue
import PosternServer
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the configuration anew at SIGHUP, and when it or a file that it names has changed. If nothing is wrong with it,
/// it is in force from then on, for open sessions from their next command on; if anything is, all of the old one stays.
final class Reload: Service {
    /// Of the configuration.
    private let path: String
    /// What the process was started with.
    private let started: Assembled
    private let generation: CurrentGeneration
    private let delivery: DeliveryService
    private let logger: Logger
    /// What is watched besides the configuration: the files of the one in force.
    private let files: Mutex<[String]>

    init(path: String, started: Assembled, generation: CurrentGeneration, delivery: DeliveryService, logger: Logger) {
        self.path = path
        self.started = started
        self.generation = generation
        self.delivery = delivery
        self.logger = logger
        files = Mutex(started.files)
    }

    private static let interval = Duration.milliseconds(500)

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch() }
            for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { reload() }
            group.cancelAll()
        }
    }

    /// Looks at the files twice a second. A change is taken up when nothing has changed since the look before: whoever
    /// writes several files, or one in several steps, has then probably done so.
    private func watch() async {
        var taken = stamps()
        var last = taken
        while (try? await Task.sleep(for: Self.interval)) != nil {
            let now = stamps()
            if now == last, now != taken {
                let watched = files.withLock { $0 }
                reload()
                // What changes meanwhile is a change again, unless other files are watched now.
                taken = files.withLock { $0 } == watched ? now : stamps()
            }
            last = now
        }
    }

    private func stamps() -> [FileStamp?] {
        ([path] + files.withLock { $0 }).map { FileStamp(of: $0) }
    }

    private func reload() {
        let reading = Assembled.read(path, at: .now)
        guard let assembled = reading.value else { return refuse(reading.problems.map { "\($0)" }) }
        let fixed = started.fixedSettings(changedIn: assembled)
        guard fixed.isEmpty else {
            return refuse(
                fixed.map { "\($0) has changed, which takes effect with a restart alone: restart, or change it back" })
        }
        generation.replace(Generation(assembled))
        delivery.reroute(assembled.routing)
        files.withLock { $0 = assembled.files }
        for hazard in reading.problems { logger.log(.warning, .hazard, ["problem": .string("\(hazard)")]) }
        logger.log(.notice, .reloaded)
    }

    private func refuse(_ problems: [String]) {
        for problem in problems { logger.log(.error, .reloadRefused, ["problem": .string(problem)]) }
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
