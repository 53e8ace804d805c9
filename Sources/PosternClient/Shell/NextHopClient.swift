public import NIOCore
import NIOPosix
import NIOSSL

/// What a message's content is read from, piece by piece.
public enum BodyPiece: Sendable {
    case octets(ByteBuffer)
    case end
    case unreadable(reason: String)
}

/// A next hop, to which messages are brought over a connection each.
public struct NextHopClient: Sendable {
    public let endpoint: ClientEndpoint
    private let settings: ClientSettings
    private let context: NIOSSLContext?

    /// - Throws: if there is no TLS of this kind on this machine.
    public init(_ endpoint: ClientEndpoint, _ settings: ClientSettings, trust: ClientTrust = .system) throws {
        self.endpoint = endpoint
        self.settings = settings
        context = try settings.tls.context(trust: trust)
    }

    public var dialect: ClientSettings.Dialect { settings.dialect }

    /// Connects, tries to deliver, and says goodbye. When the task is cancelled, the connection is cut.
    ///
    /// - Parameter body: gives the next piece of the content at each call; it is read once.
    /// - Returns: a result for each recipient, in their order.
    public func deliver(
        _ message: OutgoingMessage, body: @escaping @Sendable () async -> BodyPiece
    ) async -> [RecipientResult] {
        let conclusion = await attempt(message, settings, body)
        // RFC 7435: where TLS is only taken as it comes, a server whose TLS is broken is still spoken to. Nothing was
        // said of the message yet.
        guard conclusion.isHandshakeFailed, settings.tls == .may, !Task.isCancelled else { return conclusion.results }
        var clear = settings
        clear.tls = .none
        return await attempt(message, clear, body).results
    }

    /// Where a connection's handler and its future are known, whichever of several addresses was the one.
    private typealias Opened = (channel: any Channel, conclusion: EventLoopFuture<ClientHandler.Conclusion>)

    private func attempt(
        _ message: OutgoingMessage, _ settings: ClientSettings, _ body: @escaping @Sendable () async -> BodyPiece
    ) async -> ClientHandler.Conclusion {
        do {
            let opened = try await open(message, settings, body)
            return try await withTaskCancellationHandler {
                try await opened.conclusion.get()
            } onCancel: {
                opened.channel.pipeline.fireUserInboundEventTriggered(ClientHandler.CutOff())
            }
        } catch {
            let failure = ClientFailure(code: "4.4.1", text: "no connection: \(Self.words(error))")
            return ClientHandler.Conclusion(results: message.envelope.recipients.map { _ in .deferred(failure) })
        }
    }

    private func open(
        _ message: OutgoingMessage, _ settings: ClientSettings, _ body: @escaping @Sendable () async -> BodyPiece
    ) async throws -> Opened {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(settings.timeouts.connection))
        let transport = ClientHandler.Transport(context: context, serverName: endpoint.serverName)
        let start: @Sendable (any Channel) -> EventLoopFuture<Opened> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let conclusion = channel.eventLoop.makePromise(of: ClientHandler.Conclusion.self)
                let handler = ClientHandler(message, settings, transport, body: body, conclusion: conclusion)
                do {
                    try channel.pipeline.syncOperations.addHandler(handler)
                } catch {
                    conclusion.fail(error)
                    throw error
                }
                return (channel, conclusion.futureResult)
            }
        }
        switch endpoint {
        case .host(let host, let port):
            return try await bootstrap.connect(host: host, port: port, channelInitializer: start)
        case .socket(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: start)
        }
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        // Each address was tried; what the first one said is what most want to know.
        if let first = error.connectionErrors.first { return "\(first.target): \(first.error)" }
        if let lookup = error.dnsAError ?? error.dnsAAAAError { return "the name was not found: \(lookup)" }
        return "\(error)"
    }
}
