import NIOCore
import NIOPosix
import NIOSSL
import PosternCertificates
import PosternIdentity
import PosternMail
import PosternQueue
import PosternSubmission

/// What all connections of one listener share.
final class ListenerRuntime: Sendable {
    let name: String
    /// The listener's place in the server's list, and in each generation's.
    let index: Int
    let server: ServerRuntime

    init(name: String, index: Int, server: ServerRuntime) {
        self.name = name
        self.index = index
        self.server = server
    }

    var generation: Generation { server.generation.value }
    var observer: any ServerObserver { server.observer }
    var queue: QueueWriter { server.queue }
    var bodies: BodyFolder { server.bodies }
    var threads: NIOThreadPool { server.threads }
    var passwords: PasswordWorkers { server.passwords }
    var examinations: ExaminationCache { server.examinations }

    func surroundings() -> Surroundings {
        let generation = generation
        return Surroundings(
            now: .now, settings: generation.settings[index], snapshot: generation.snapshot,
            hasRoom: server.disk.hasRoom, isUnderStress: server.counts.isUnderStress)
    }

    /// Whether its connections begin without TLS.
    var startsInClear: Bool { generation.settings[index].listener.tls == .startTLS }

    func record(_ event: ServerEvent, of connection: Connection?) {
        observer.record(event, of: connection, on: name)
    }

    func record(_ alarm: LoginThrottle.Alarm, of connection: Connection) {
        switch alarm {
        case .spraying(let names): record(.passwordSpraying(names: names), of: connection)
        case .manyFailures(let perMinute): observer.record(.failedLogins(perMinute: perMinute))
        case .fewFailures: observer.record(.failedLoginsEnded)
        }
    }

    /// Sets aside what a message in reception may hold in memory.
    func reserveBody() -> Bool { server.memory.reserve(server.limits.octetsPerMessage) }

    func releaseBody() { server.memory.release(server.limits.octetsPerMessage) }

    func context(asking: Bool, in generation: Generation) throws -> NIOSSLContext {
        try server.contexts.context(asking: asking, in: generation)
    }
}

/// What all listeners share.
final class ServerRuntime: Sendable {
    let generation: CurrentGeneration
    let observer: any ServerObserver
    let queue: QueueWriter
    let bodies: BodyFolder
    let threads: NIOThreadPool
    let passwords: PasswordWorkers
    let limits: ServerConfiguration.Limits
    let memory: MemoryBudget
    let disk: DiskWatch
    let counts: ConnectionCounts
    let examinations = ExaminationCache(capacity: 20_000)
    let contexts = TLSContexts()
    let sessions = OpenSessions()

    init(_ configuration: ServerConfiguration, observer: any ServerObserver, queue: QueueWriter, bodies: BodyFolder) {
        generation = configuration.generation
        self.observer = observer
        self.queue = queue
        self.bodies = bodies
        // Writes of large bodies block on the disk, not on the processor.
        threads = NIOThreadPool(numberOfThreads: 4)
        limits = configuration.limits
        passwords = PasswordWorkers(
            workers: limits.passwordWorkers, waiting: limits.passwordsWaiting,
            failures: limits.passwordFailures)
        counts = ConnectionCounts(stressedFrom: limits.stressedFrom)
        memory = MemoryBudget(limit: limits.inFlight)
        disk = DiskWatch(path: bodies.path, reserve: limits.diskReserve, observer: observer) { queue.makeRoom() }
        threads.start()
    }

    func note(_ change: ConnectionCounts.Change?) {
        switch change {
        case .stressBegins:
            observer.record(.stress(connections: limits.stressedFrom))
            // Whoever was granted minutes before has seconds now.
            sessions.remind()
        case .stressEnds: observer.record(.stressEnded)
        case nil: break
        }
    }
}
