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

    /// Connects, tries to deliver, and says goodbye.
    ///
    /// - Parameter body: gives the next piece of the content at each call; it is read once.
    /// - Returns: a result for each recipient, in their order.
    public func deliver(
        _ message: OutgoingMessage, body: @escaping @Sendable () async -> BodyPiece
    ) async -> [RecipientResult] {
        let conclusion = await attempt(message, settings, body)
        // RFC 7435: where TLS is only taken as it comes, a server whose TLS is broken is still spoken to. Nothing was
        // said of the message yet.
        guard conclusion.isHandshakeFailed, settings.tls == .may else { return conclusion.results }
        var clear = settings
        clear.tls = .none
        return await attempt(message, clear, body).results
    }

    private func attempt(
        _ message: OutgoingMessage, _ settings: ClientSettings, _ body: @escaping @Sendable () async -> BodyPiece
    ) async -> ClientHandler.Conclusion {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(settings.timeouts.connection))
        let start: @Sendable (any Channel) -> EventLoopFuture<EventLoopFuture<ClientHandler.Conclusion>> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let conclusion = channel.eventLoop.makePromise(of: ClientHandler.Conclusion.self)
                let transport = ClientHandler.Transport(context: context, serverName: endpoint.serverName)
                let handler = ClientHandler(message, settings, transport, body: body, conclusion: conclusion)
                try channel.pipeline.syncOperations.addHandler(handler)
                return conclusion.futureResult
            }
        }
        do {
            let conclusion =
                switch endpoint {
                case .host(let host, let port):
                    try await bootstrap.connect(host: host, port: port, channelInitializer: start)
                case .socket(let path):
                    try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: start)
                }
            return try await conclusion.get()
        } catch {
            let failure = ClientFailure(code: "4.4.1", text: "no connection: \(Self.words(error))")
            return ClientHandler.Conclusion(results: message.envelope.recipients.map { _ in .deferred(failure) })
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
