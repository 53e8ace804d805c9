import Dispatch
public import NIOCore
import NIOPosix
import NIOSSL
public import PosternConnection

/// What a message's content is read from, piece by piece.
public enum BodyPiece: Sendable {
    case octets(ByteBuffer)
    case end
    case unreadable(reason: String)
}

/// A next hop. A connection carries one message at a time, and another if there is one soon after.
public struct NextHopClient: Sendable {
    public let endpoint: ClientEndpoint
    private let settings: ClientSettings
    private let context: NIOSSLContext?
    private let idle = IdleConnections()
    private let pending = PendingConnections()
    private let lookups = DispatchQueue(label: "lookups of a next hop")

    /// - Parameter identity: what is shown to a next hop that asks for a certificate; the settings' credentials follow it.
    /// - Throws: if there is no TLS of this kind on this machine, or the key is not that of the certificate.
    public init(
        _ endpoint: ClientEndpoint, _ settings: ClientSettings, trust: ClientTrust = .system,
        identity: ClientIdentity? = nil
    ) throws {
        self.endpoint = endpoint
        var settings = settings
        settings.credentials.hasCertificate = identity != nil
        self.settings = settings
        context = try settings.tls.context(trust: trust, identity: identity)
    }

    public var dialect: ClientSettings.Dialect { settings.dialect }

    /// The process stops: connections that are being opened are given up, and no other is. Those that stand go on.
    public func giveUpConnecting() { pending.close() }

    /// Tries to deliver, over a connection that is idle or a new one. When the task is cancelled, the connection is cut.
    ///
    /// - Parameter body: gives the next piece of the content at each call; it is read once.
    /// - Returns: a result for each recipient, in their order.
    public func deliver(
        _ message: OutgoingMessage, body: @escaping @Sendable () async -> BodyPiece
    ) async -> [RecipientResult] {
        if let connection = idle.take() {
            let conclusion = await conclusion(of: connection, message, body)
            if !conclusion.isStale || Task.isCancelled { return conclusion.results }
        }
        let conclusion = await attempt(message, settings, body)
        // RFC 7435: where TLS is only taken as it comes, a server whose TLS is broken is still spoken to. Nothing was
        // said of the message yet.
        guard conclusion.isHandshakeFailed, settings.tls == .may, !Task.isCancelled else { return conclusion.results }
        var clear = settings
        clear.tls = .none
        return await attempt(message, clear, body).results
    }

    /// Over a connection that has carried a message before.
    private func conclusion(
        of connection: ClientConnection, _ message: OutgoingMessage, _ body: @escaping @Sendable () async -> BodyPiece
    ) async -> ClientErrand.Conclusion {
        let promise = connection.channel.eventLoop.makePromise(of: ClientErrand.Conclusion.self)
        connection.start(ClientErrand(message: message, body: body, conclusion: promise, isReused: true))
        do {
            return try await Self.conclusion(of: promise.futureResult, over: connection.channel)
        } catch {
            return ClientErrand.Conclusion(results: [], isStale: true)
        }
    }

    /// Over a fresh connection.
    private func attempt(
        _ message: OutgoingMessage, _ settings: ClientSettings, _ body: @escaping @Sendable () async -> BodyPiece
    ) async -> ClientErrand.Conclusion {
        do {
            let opened = try await open(message, settings, body)
            return try await Self.conclusion(of: opened.conclusion, over: opened.channel)
        } catch {
            let failure = Self.failure(error, to: endpoint)
            return ClientErrand.Conclusion(results: message.envelope.recipients.map { _ in .deferred(failure) })
        }
    }

    private static func failure(_ error: any Error, to endpoint: ClientEndpoint) -> ClientFailure {
        let isGivenUp = error is PendingConnection.GivenUp
        let words = isGivenUp ? "given up, since the process is stopping" : ConnectionFault.words(error, to: endpoint)
        var failure = ClientFailure(code: "4.4.1", text: "no connection: \(words)")
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
        _ message: OutgoingMessage, _ settings: ClientSettings, _ body: @escaping @Sendable () async -> BodyPiece
    ) async throws -> PendingConnection.Opened {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connection = PendingConnection(on: loop)
        pending.add(connection)
        defer { pending.remove(connection) }
        let start = initializer(connection, message, settings, body)
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
        _ connection: PendingConnection, _ message: OutgoingMessage, _ settings: ClientSettings,
        _ body: @escaping @Sendable () async -> BodyPiece
    ) -> Initializer {
        let transport = ClientHandler.Transport(context: context, serverName: endpoint.serverName)
        return { [idle] channel in
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
