import ArgumentParser
import Glibc
import Logging
import PosternConfiguration
import PosternDelivery
import PosternMail
import PosternQueue
import PosternServer
import ServiceLifecycle

/// Everything that runs in a server's process: the queue and its writer, the delivery, the listeners.
struct ServerProcess {
    let assembled: Assembled
    /// The path of the configuration, read anew at SIGHUP; nil where the process has its own.
    let configuration: String?
    let log: ProcessLog
    let observer: any ServerObserver
    /// Told when the end begins.
    let ending: @Sendable () -> Void
    /// Told of each recipient whose delivery was tried.
    let deliveries: @Sendable (DeliveryEvent) -> Void

    /// Serves until SIGTERM or SIGINT, then lets what runs finish. A second SIGINT ends the process at once.
    /// - Throws: `ServingError` if it cannot begin.
    func run() async throws {
        defer { log.flush() }
        raiseOpenFileLimit()
        let (state, store) = try openQueue()
        let end = StorageFailureEnd(log: log)
        let writer = QueueWriter(store: store, bodies: state.bodies) { end.begin(after: $0) }
        let delivery = DeliveryService(
            writer: writer, store: store, routing: assembled.routing, hostname: assembled.hostname,
            schedule: assembled.schedule, concurrency: assembled.deliveryConnections, logger: log.logger,
            report: deliveries)
        let generation = CurrentGeneration(Generation(assembled))
        let server = SubmissionServer(
            serverConfiguration(generation), queue: writer, bodies: state.bodies, observer: observer)
        do {
            // They end from the last to the first: what was accepted until then may still be delivered.
            try await ServiceGroup(
                services: [SecondInterrupt(log: log, begins: ending)] + reloading(generation, delivery) + [
                    delivery, server,
                ],
                gracefulShutdownSignals: configuration == nil ? [.sigterm, .sigint, .sighup] : [.sigterm, .sigint],
                logger: log.logger.onlyWarnings
            ).run()
        } catch let error as ListeningError {
            await writer.stop()
            throw ServingError.listening(error)
        }
        await writer.stop()
    }

    private func reloading(_ generation: CurrentGeneration, _ delivery: DeliveryService) -> [any Service] {
        configuration.map {
            [Reload(path: $0, started: assembled, generation: generation, delivery: delivery, logger: log.logger)]
        } ?? []
    }

    private func raiseOpenFileLimit() {
        let limit = OpenFileLimit.raise()
        if let shortage = OpenFileLimit.shortage(of: limit, connections: assembled.limits.connections) {
            log.logger.log(.warning, .hazard, ["problem": .string(shortage)])
        }
    }

    private func openQueue() throws(ServingError) -> (StateDirectory, SQLiteStore) {
        do {
            let state = try StateDirectory(path: assembled.state)
            let store = try SQLiteStore(in: state)
            let audit = try QueueAudit.run(
                store: store, state: state, latestDue: .now + assembled.schedule.longestDelay)
            QueueLog(log.logger).record(audit)
            return (state, store)
        } catch let error as StateDirectoryError {
            throw .state(error)
        } catch {
            throw .queue(reason: "\(error)")
        }
    }

    private func serverConfiguration(_ generation: CurrentGeneration) -> ServerConfiguration {
        ServerConfiguration(
            generation: generation,
            listeners: assembled.listeners.map { .init(name: $0.name, address: $0.address, port: $0.port) },
            limits: assembled.limits)
    }
}

extension Logger {
    /// For libraries that tell of their own steps.
    fileprivate var onlyWarnings: Logger {
        var logger = self
        logger.logLevel = .warning
        return logger
    }
}
