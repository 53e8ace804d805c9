import NIOCore
import Synchronization

/// Connections to one next hop on which a transaction has ended, for the next message: what costs most of a small one is
/// the opening, with TLS above all.
final class IdleConnections: Sendable {
    private let connections = Mutex<[ClientConnection]>([])

    func add(_ connection: ClientConnection) {
        connections.withLock { $0.append(connection) }
    }

    /// It has closed, or says QUIT.
    func remove(_ channel: any Channel) {
        connections.withLock { $0.removeAll { $0.channel === channel } }
    }

    /// The one that was used last.
    func take() -> ClientConnection? {
        connections.withLock { $0.popLast() }
    }
}

/// A connection and its handler, from any thread.
struct ClientConnection: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<ClientHandler>

    /// Gives it another message. Its idle time may just have ended: then the conclusion is stale.
    func start(_ errand: ClientErrand) {
        channel.eventLoop.execute { handler.value.take(errand) }
    }
}

/// A message to be delivered, and who waits for the results.
struct ClientErrand: Sendable {
    struct Conclusion: Sendable {
        var results: [RecipientResult]
        /// TLS was begun and did not come about.
        var isHandshakeFailed = false
        /// The connection was used before, and ended before anything of this message's content was sent: another try over
        /// a fresh one is due.
        var isStale = false
    }

    let message: OutgoingMessage
    let body: @Sendable () async -> BodyPiece
    let conclusion: EventLoopPromise<Conclusion>
    /// Whether its connection has carried another message before.
    let isReused: Bool
}
