import NIOCore
import PosternConnection
import Synchronization

/// Connections to one next hop on which a transaction has ended, for the next message: what costs most of a small one is
/// the opening, with TLS above all.
final class IdleConnections: Sendable {
    /// How long one waits for another message. Servers have little patience with such, and their slots are few.
    let time: TimeAmount
    /// Over one connection.
    let messageLimit: Int
    private let connections = Mutex<[ClientConnection]>([])

    init(time: TimeAmount = .seconds(2), messageLimit: Int = .max) {
        self.time = time
        self.messageLimit = messageLimit
    }

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

    /// All say goodbye, and are waited for.
    func close() async {
        var channels: [any Channel] = []
        while let connection = take() {
            connection.quit()
            channels.append(connection.channel)
        }
        // The session waits for the answer to QUIT no longer than its deadline.
        for channel in channels { try? await channel.closeFuture.get() }
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

    func quit() {
        channel.eventLoop.execute { handler.value.quit() }
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
        /// Whether content was asked for: it can be read once.
        var isContentBegun = false
        /// Of a session without a message: why there could be none.
        var failure: ClientFailure?
        /// Nil where nothing was connected.
        var facts: ClientFacts?
    }

    /// Without one the connection is only tried.
    let message: OutgoingMessage?
    let body: @Sendable () async -> BodyPiece
    let conclusion: EventLoopPromise<Conclusion>
    /// Whether its connection has carried another message before.
    let isReused: Bool
}

/// What is known of a connection when its errand is done.
struct ClientFacts: Sendable {
    /// Nil for a relay.
    let port: SubmissionPort?
    let authentication: AuthenticationOutcome
    let isExternalTried: Bool
    /// Nil where TLS does not stand.
    let tls: String?
    let isCertificateRequested: Bool
    let isCertificateShown: Bool
    let capabilities: ServerCapabilities
    let transcript: [String]
}
