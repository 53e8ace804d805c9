public import NIOCore
import NIOSSL
public import PosternConnection

/// What a message's content is read from, piece by piece.
public enum BodyPiece: Sendable {
    case octets(ByteBuffer)
    /// The rest of it, with nothing behind.
    case last(ByteBuffer)
    case end
    case unreadable(reason: String)
}

/// A next hop. A connection carries one message at a time, and another if there is one soon after.
public struct NextHopClient: Sendable {
    public let endpoint: ClientEndpoint
    private let settings: ClientSettings
    private let context: NIOSSLContext?
    private let connector: Connector

    /// - Parameter identity: what is shown to a next hop that asks for a certificate; the settings' credentials follow it.
    /// - Throws: if there is no TLS of this kind on this machine, or the key is not that of the certificate.
    public init(
        _ endpoint: ClientEndpoint, _ settings: ClientSettings, trust: ClientTrust = .system,
        identity: ClientIdentity? = nil
    ) throws {
        self.endpoint = endpoint
        connector = Connector(endpoint, idle: IdleConnections())
        var settings = settings
        settings.credentials.hasCertificate = identity != nil
        self.settings = settings
        context = try settings.tls.context(trust: trust, identity: identity)
    }

    public var dialect: ClientSettings.Dialect { settings.dialect }

    /// The process stops: connections that are being opened are given up, and no other is. Those that stand go on.
    public func giveUpConnecting() { connector.giveUp() }

    /// Tries to deliver, over a connection that is idle or a new one. When the task is cancelled, the connection is cut.
    ///
    /// - Parameter body: gives the next piece of the content at each call; it is read once.
    /// - Returns: a result for each recipient, in their order.
    public func deliver(
        _ message: OutgoingMessage, body: @escaping @Sendable () async -> BodyPiece
    ) async -> [RecipientResult] {
        if let conclusion = await connector.reuse(message, body), !conclusion.isStale || Task.isCancelled {
            return conclusion.results
        }
        let transport = ClientHandler.Transport(context: context, serverName: endpoint.serverName)
        let conclusion = await connector.attempt(message, settings, transport, body)
        // RFC 7435: where TLS is only taken as it comes, a server whose TLS is broken is still spoken to. Nothing was
        // said of the message yet.
        guard conclusion.isHandshakeFailed, settings.tls == .may, !Task.isCancelled else { return conclusion.results }
        var clear = settings
        clear.tls = .none
        return await connector.attempt(message, clear, transport, body).results
    }
}
