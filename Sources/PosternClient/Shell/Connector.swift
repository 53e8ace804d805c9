import Dispatch
import NIOCore
import NIOPosix
import PosternConnection

/// Opens connections to one endpoint, and takes idle ones again.
struct Connector: Sendable {
    private let endpoint: ClientEndpoint
    private let idle: IdleConnections
    private let pending = PendingConnections()
    private let lookups = DispatchQueue(label: "lookups of a next hop")

    init(_ endpoint: ClientEndpoint, idle: IdleConnections) {
        self.endpoint = endpoint
        self.idle = idle
    }

    /// Nothing new is connected from now on, and what is being connected is given up.
    func giveUp() { pending.close() }

    /// Over a connection that has carried a message before; nil if there is none.
    func reuse(
        _ message: OutgoingMessage, _ body: @escaping @Sendable () async -> BodyPiece
    ) async -> ClientErrand.Conclusion? {
        guard let connection = idle.take() else { return nil }
        let promise = connection.channel.eventLoop.makePromise(of: ClientErrand.Conclusion.self)
        connection.start(ClientErrand(message: message, body: body, conclusion: promise, isReused: true))
        do {
            return try await Self.conclusion(of: promise.futureResult, over: connection.channel)
        } catch {
            return ClientErrand.Conclusion(results: [], isStale: true)
        }
    }

    /// Over a fresh connection.
    /// - Parameter message: without one the connection is only tried.
    func attempt(
        _ message: OutgoingMessage?, _ settings: ClientSettings, _ transport: ClientHandler.Transport,
        _ body: @escaping @Sendable () async -> BodyPiece
    ) async -> ClientErrand.Conclusion {
        do {
            let opened = try await open(message, settings, transport, body)
            return try await Self.conclusion(of: opened.conclusion, over: opened.channel)
        } catch {
            let failure = Self.failure(error, to: endpoint)
            return ClientErrand.Conclusion(
                results: message?.envelope.recipients.map { _ in .deferred(failure) } ?? [], failure: failure)
        }
    }

    private static func failure(_ error: any Error, to endpoint: ClientEndpoint) -> ClientFailure {
        let isGivenUp = error is PendingConnection.GivenUp
        let words = isGivenUp ? "given up, since the process is stopping" : ConnectionFault.words(error, to: endpoint)
        let text = "no connection: \(words)"
        var failure = ClientFailure(code: "4.4.1", text: text, .cannotConnect(ConnectionFault(error)))
        failure.isGivenUp = isGivenUp
        failure.concernsNextHop = !isGivenUp
        return failure
    }

    private static func conclusion(
        of future: EventLoopFuture<ClientErrand.Conclusion>, over channel: any Channel
    ) async throws -> ClientErrand.Conclusion {
        try await withTaskCancellationHandler {
            try await future.get()
        } onCancel: {
            channel.pipeline.fireUserInboundEventTriggered(ClientHandler.CutOff())
        }
    }

    private func open(
        _ message: OutgoingMessage?, _ settings: ClientSettings, _ transport: ClientHandler.Transport,
        _ body: @escaping @Sendable () async -> BodyPiece
    ) async throws -> PendingConnection.Opened {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connection = PendingConnection(on: loop)
        pending.add(connection)
        defer { pending.remove(connection) }
        let start = initializer(connection, message, settings, transport, body)
        // Nobody waits for the end of a lookup whose connection was given up.
        Task {
            do {
                connection.end(.success(try await connect(on: loop, settings, start)))
            } catch {
                connection.end(.failure(error))
            }
        }
        return try await connection.opened()
    }

    private typealias Initializer = @Sendable (any Channel) -> EventLoopFuture<PendingConnection.Opened>

    private func initializer(
        _ connection: PendingConnection, _ message: OutgoingMessage?, _ settings: ClientSettings,
        _ transport: ClientHandler.Transport, _ body: @escaping @Sendable () async -> BodyPiece
    ) -> Initializer {
        { [idle] channel in
            channel.eventLoop.makeCompletedFuture {
                try connection.add(channel)
                let promise = channel.eventLoop.makePromise(of: ClientErrand.Conclusion.self)
                let errand = ClientErrand(message: message, body: body, conclusion: promise, isReused: false)
                do {
                    let handler = ClientHandler(errand, settings, transport, idle: idle)
                    try channel.pipeline.syncOperations.addHandlers([ConnectionGate(connection), handler])
                } catch {
                    promise.fail(error)
                    throw error
                }
                return (channel, promise.futureResult)
            }
        }
    }

    private func connect(
        on loop: any EventLoop, _ settings: ClientSettings, _ start: @escaping Initializer
    ) async throws -> PendingConnection.Opened {
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(TimeAmount(settings.timeouts.connection))
        switch endpoint {
        case .host(let host, let port):
            return try await bootstrap.resolver(NameLookup(on: lookups, loop: loop))
                .connect(host: host, port: port, channelInitializer: start)
        case .socket(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: start)
        }
    }
}
