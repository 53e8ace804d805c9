import NIOCore
import NIOPosix
import PosternMail
public import PosternQueue
import PosternSubmission
public import ServiceLifecycle

/// What the server is made from.
public struct ServerConfiguration: Sendable {
    /// One place to listen on; its settings are those of the same place in each generation.
    public struct Listener: Sendable {
        public let name: String
        /// An address in numbers; nil for all, of both families.
        public let address: String?
        /// 0: the system picks one.
        public let port: Int

        public init(name: String, address: String?, port: Int) {
            self.name = name
            self.address = address
            self.port = port
        }
    }

    /// The bounds of the process as a whole; octets where they are not counts.
    public struct Limits: Hashable, Sendable {
        public let connections: Int
        public let connectionsPerAddress: Int
        /// So many connections put the server under stress.
        public let stressedFrom: Int
        public let header: Int
        public let inFlight: Int
        public let diskReserve: DiskReserve
        public let passwordWorkers: Int
        public let passwordsWaiting: Int
        /// Wrong passwords that are checked a minute, of one network and of one account.
        public let passwordFailures: Int

        public init(
            connections: Int, connectionsPerAddress: Int, stressedFrom: Int, header: Int, inFlight: Int,
            diskReserve: DiskReserve,
            passwordWorkers: Int, passwordsWaiting: Int, passwordFailures: Int
        ) {
            self.connections = connections
            self.connectionsPerAddress = connectionsPerAddress
            self.stressedFrom = stressedFrom
            self.header = header
            self.inFlight = inFlight
            self.diskReserve = diskReserve
            self.passwordWorkers = passwordWorkers
            self.passwordsWaiting = passwordsWaiting
            self.passwordFailures = passwordFailures
        }

        /// The same with fewer connections, and the stress from as large a part of them.
        public func with(connections fewer: Int) -> Limits {
            Limits(
                connections: fewer, connectionsPerAddress: connectionsPerAddress,
                stressedFrom: max(1, stressedFrom * fewer / connections), header: header, inFlight: inFlight,
                diskReserve: diskReserve, passwordWorkers: passwordWorkers, passwordsWaiting: passwordsWaiting,
                passwordFailures: passwordFailures)
        }

        /// What a message in reception sets aside of `inFlight`: its header or its body up to their limits, and what
        /// waits for the disk.
        public var octetsPerMessage: Int { max(MessageBody.inlineLimit, header) + BodyFeed.highWater }

        /// The largest `header` with which `inFlight` still has room for a message.
        public var largestHeader: Int { inFlight - BodyFeed.highWater }
    }

    public let generation: CurrentGeneration
    public let listeners: [Listener]
    public let limits: Limits

    public init(generation: CurrentGeneration, listeners: [Listener], limits: Limits) {
        self.generation = generation
        self.listeners = listeners
        self.limits = limits
    }
}

/// The submission server: its listeners, and all sessions on them.
public final class SubmissionServer: Service {
    /// How long running transactions may go on after the server was told to end.
    private static let drainTime = Duration.seconds(60)

    private let configuration: ServerConfiguration
    private let runtime: ServerRuntime
    private let pulse = LoopPulse()

    public init(
        _ configuration: ServerConfiguration, queue: QueueWriter, bodies: BodyFolder, observer: any ServerObserver
    ) {
        self.configuration = configuration
        runtime = ServerRuntime(configuration, observer: observer, queue: queue, bodies: bodies)
    }

    /// Listens until the service group ends; then idle sessions are closed, and running transactions may finish.
    /// - Throws: `ListeningError` if a listener cannot be opened.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        pulse.start(on: group)
        let watch = Task { [runtime] in await runtime.disk.run(on: runtime.threads) }
        let result = await Result { try await serve(on: group) }
        watch.cancel()
        await watch.value
        // Those who answer on the event loops end before the loops do.
        try await runtime.passwords.stop()
        try await runtime.threads.shutdownGracefully()
        try await group.shutdownGracefully()
        try result.get()
    }

    /// How long ago the laziest of the event loops has turned.
    public var pulseAge: Duration { pulse.age }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        var channels: [any Channel] = []
        do {
            for (index, listener) in configuration.listeners.enumerated() {
                let listening = Listening(listener, ListenerRuntime(name: listener.name, index: index, server: runtime))
                channels.append(try await listening.open(on: group))
            }
        } catch {
            for channel in channels { try? await channel.close() }
            throw error
        }
        try? await gracefulShutdown()
        for channel in channels { try? await channel.close() }
        await drain()
    }

    private func drain() async {
        let end = Task {
            try await Task.sleep(for: Self.drainTime)
            runtime.sessions.closeAll()
        }
        await runtime.sessions.drain()
        end.cancel()
    }
}

extension Result where Failure == any Error {
    package init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
