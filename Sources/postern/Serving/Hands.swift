import Glibc
import Logging
import PosternAdmin
import PosternMail
import PosternQueue
import PosternServer
import ServiceLifecycle
import Synchronization

/// What an operator and his programs have of a serving process: the control socket, metrics, health, the audit log.
struct Hands {
    let assembled: Assembled
    let store: any QueueStore
    let writer: QueueWriter
    let server: SubmissionServer
    let reload: Reload?
    let canary: Canary
    let metrics: ProcessMetrics
    let audit: AuditLog
    let log: ProcessLog
    let isDraining: DrainFlag
    let started: Timestamp
    /// Told where metrics can be read.
    let listening: @Sendable (ServerEvent) -> Void

    func services() -> [any Service] {
        let registry = registry
        // Of its errors none is an event of the log; whether it listens is what `run` says.
        var quiet = log.logger
        quiet.logLevel = .critical
        let control = AdminServer(
            operations(registry), socket: ControlSocket(state: assembled.state), logger: quiet)
        guard let place = assembled.metrics else { return [control, canary] }
        let listening = listening
        let server = MetricsServer(
            address: place.address.value, port: place.port.value, health: health, metrics: registry, logger: quiet,
            listening: { listening(.listening(address: place.address.value, port: $0)) })
        return [control, server, canary]
    }

    private var registry: MetricsRegistry {
        let measured = MeasuredMetrics(
            store: store, canary: canary, log: log, audit: audit, state: assembled.state, started: started,
            inForce: inForce, now: { .now })
        return MetricsRegistry(metrics.families + measured.families)
    }

    private var inForce: @Sendable () -> (assembled: Assembled, generation: Int) {
        let (assembled, reload) = (assembled, reload)
        return { (reload?.assembled ?? assembled, reload?.counts.inForce ?? 1) }
    }

    private func operations(_ registry: MetricsRegistry) -> AdminOperations {
        let reload = reload
        let audit = audit
        return AdminOperations(
            queue: store, writer: writer, health: health, metrics: registry, status: status,
            reload: reload.map { reload in { @Sendable in await reload.reload() } },
            // As if somebody had sent the signal: there is one way to end.
            drain: { kill(getpid(), SIGTERM) }, audit: { audit.record($0) }, now: { .now })
    }

    private var status: @Sendable () async -> AdminStatus {
        let (started, inForce, isDraining, metrics) = (started, inForce, isDraining, metrics)
        return {
            let (assembled, generation) = inForce()
            return AdminStatus(
                hostname: assembled.hostname.text, process: getpid(), started: started, generation: generation,
                isDraining: isDraining.isSet, connections: metrics.openConnections,
                listeners: assembled.listeners.map(\.name), expiries: assembled.expiries)
        }
    }

    private var health: Health {
        let (server, canary, isDraining, assembled) = (server, canary, isDraining, assembled)
        return Health(
            live: {
                let age = server.pulseAge
                return [.init("event-loops", age < .seconds(5), "the last turn was \(age.inTenths) ago")]
            },
            ready: {
                [
                    .init("serving", !isDraining.isSet, isDraining.isSet ? "draining" : "not draining"),
                    Self.commitCheck(canary),
                    Self.diskCheck(assembled),
                ]
            })
    }

    private static func commitCheck(_ canary: Canary) -> Health.Check {
        let age = canary.age
        let fault = canary.fault.map { "; \($0)" } ?? ""
        return .init("commit", age < Canary.patience, "the last commit was \(age.inTenths) ago\(fault)")
    }

    private static func diskCheck(_ assembled: Assembled) -> Health.Check {
        guard let space = try? DiskSpace(of: assembled.state) else {
            return .init("disk", false, "the system does not say how much is free")
        }
        let isKept = assembled.limits.diskReserve.isKept(by: space)
        return .init("disk", isKept, "\(space.free >> 20) MiB free\(isKept ? "" : ", less than the reserve")")
    }
}

/// Whether the end has begun.
final class DrainFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

extension Assembled {
    /// What of its certificates and lists ends, the soonest first.
    var expiries: [AdminStatus.Expiry] {
        let authorities = snapshot.trust.authorities
        let certificates = [serverCertificate.facts] + authorities.flatMap(\.certificates)
        let lists = authorities.flatMap(\.lists)
        return
            (certificates.map { AdminStatus.Expiry(subject: $0.subject, moment: $0.notAfter) }
            + lists.map { AdminStatus.Expiry(subject: "list of \($0.issuer)", moment: $0.nextUpdate) })
            .sorted { $0.moment < $1.moment }
    }
}

extension Duration {
    /// `3.4 s`.
    fileprivate var inTenths: String {
        let tenths = max(0, wholeNanoseconds) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension Logger {
    /// For libraries that tell of their own steps.
    var onlyWarnings: Logger {
        var logger = self
        logger.logLevel = .warning
        return logger
    }
}
