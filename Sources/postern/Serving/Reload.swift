import Logging
import PosternConfiguration
import PosternMail
import PosternQueue
import PosternServer
import ServiceLifecycle
import UnixSignals

/// Reads the configuration anew at SIGHUP, with all the files that it names. If nothing is wrong with it, it is in force
/// from then on, for open sessions from their next command on; if anything is, all of the old one stays.
struct Reload: Service {
    /// Of the configuration.
    let path: String
    /// What the process was started with.
    let started: Assembled
    let generation: CurrentGeneration
    let logger: Logger

    func run() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        let reading = Assembled.read(path, at: .now)
        guard let assembled = reading.value else { return refuse(reading.problems.map { "\($0)" }) }
        let fixed = started.fixedSettings(changedIn: assembled)
        guard fixed.isEmpty else {
            return refuse(fixed.map { "\($0) has changed, which takes effect with a restart alone: restart, or change it back" })
        }
        generation.replace(Generation(assembled))
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
            ("next-hop", nextHop == other.nextHop), ("log", log == other.log),
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
