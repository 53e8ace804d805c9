import ArgumentParser
import Glibc
import Logging
import PosternAdmin
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
    /// Told of what else happens in the delivery.
    let notices: @Sendable (DeliveryNotice) -> Void

    /// Serves until SIGTERM or SIGINT, then lets what runs finish. A second SIGINT ends the process at once.
    /// - Throws: `ServingError` if it cannot begin.
    func run() async throws {
        defer { log.flush() }
        HeapSettings.set()
        let limits = limitsUnderOpenFiles()
        let (state, store) = try openQueue()
        let audit = AuditLog(path: assembled.auditLog)
        let metrics = ProcessMetrics(listeners: assembled.listeners.map(\.name), now: { .now })
        let canary = Canary(logger: log.logger)
        let failure = StorageFailureEnd(log: log)
        let writer = QueueWriter(
            store: store, bodies: state.bodies,
            committed: { record in
                canary.committed()
                metrics.record(record)
            }, failed: { failure.begin(after: $0) })
        canary.watch(writer)
        let delivery = DeliveryService(
            writer: writer, store: store, routing: assembled.routing, hostname: assembled.hostname,
            schedule: assembled.schedule, concurrency: assembled.deliveryConnections, logger: log.logger,
            notice: { [notices] notice in
                notices(notice)
                metrics.record(notice)
            }
        ) { [deliveries] event in
            deliveries(event)
            metrics.record(event)
        }
        let startProbe = StartProbe(assembled, log.logger)
        let generation = CurrentGeneration(Generation(assembled))
        let server = SubmissionServer(
            serverConfiguration(generation, limits), queue: writer, bodies: state.bodies,
            observer: Observers(all: [observer, metrics, audit] + (startProbe.map { [$0] } ?? [])))
        let isDraining = DrainFlag()
        let reload = reload(generation, delivery, metrics, audit)
        let hands = Hands(
            assembled: assembled, store: store, writer: writer, server: server, reload: reload, canary: canary,
            metrics: metrics, audit: audit, log: log, isDraining: isDraining, started: .now,
            listening: { [observer] in observer.record($0, of: nil, on: "metrics") })
        let interrupt = SecondInterrupt(log: log) { [ending] in
            isDraining.set()
            ending()
        }
        // They end from the last to the first: what was accepted until then may still be delivered, and the operator's
        // hands are there until nearly the end.
        let services: [any Service] = [interrupt] + hands.services() + (reload.map { [$0] } ?? []) + [delivery, server]
        let end = await Result { try await run(services) }
        await writer.stop()
        audit.flush()
        do {
            try end.get()
        } catch let error as ListeningError {
            throw ServingError.listening(error)
        } catch let error as AdminListeningError {
            throw ServingError.hands(error)
        }
    }

    private func run(_ services: [any Service]) async throws {
        try await ServiceGroup(
            services: services,
            gracefulShutdownSignals: configuration == nil ? [.sigterm, .sigint, .sighup] : [.sigterm, .sigint],
            logger: log.logger.onlyWarnings
        ).run()
    }

    private func reload(
        _ generation: CurrentGeneration, _ delivery: DeliveryService, _ metrics: ProcessMetrics, _ audit: AuditLog
    ) -> Reload? {
        configuration.map { path in
            Reload(path: path, started: assembled, generation: generation, delivery: delivery, logger: log.logger) {
                answer in
                metrics.record(answer)
                audit.record(answer)
            }
        }
    }

    /// Those of the configuration, as far as the system grants them.
    private func limitsUnderOpenFiles() -> ServerConfiguration.Limits {
        let limit = OpenFileLimit.raise()
        let limits = assembled.limits
        guard let shortage = OpenFileLimit.shortage(of: limit, connections: limits.connections) else { return limits }
        log.logger.log(.warning, .hazard, ["problem": .string(shortage)])
        return limits.with(connections: OpenFileLimit.connections(limits.connections, under: limit))
    }

    private func openQueue() throws(ServingError) -> (StateDirectory, SQLiteStore) {
        do {
            let state = try StateDirectory(path: assembled.state)
            let store = try SQLiteStore(in: state)
            let audit = try QueueAudit.run(
                store: store, state: state, at: .now, latestDue: .now + assembled.schedule.longestDelay)
            QueueLog(log.logger).record(audit)
            return (state, store)
        } catch let error as StateDirectoryError {
            throw .state(error)
        } catch {
            throw .queue(reason: "\(error)")
        }
    }

    private func serverConfiguration(
        _ generation: CurrentGeneration, _ limits: ServerConfiguration.Limits
    ) -> ServerConfiguration {
        ServerConfiguration(
            generation: generation,
            listeners: assembled.listeners.map { .init(name: $0.name, address: $0.address, port: $0.port) },
            limits: limits)
    }
}
