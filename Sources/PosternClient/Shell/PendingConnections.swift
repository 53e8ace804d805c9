import NIOCore
import Synchronization

/// The connections to one next hop that are being opened. A name server that is silent, or a machine that does not answer,
/// takes long, and a process that stops waits for neither.
final class PendingConnections: Sendable {
    private struct State {
        var isClosed = false
        var pending: [ObjectIdentifier: PendingConnection] = [:]
    }

    private let state = Mutex(State())

    func add(_ connection: PendingConnection) {
        let isClosed = state.withLock { state in
            state.pending[ObjectIdentifier(connection)] = connection
            return state.isClosed
        }
        if isClosed { connection.giveUp() }
    }

    func remove(_ connection: PendingConnection) {
        state.withLock { $0.pending[ObjectIdentifier(connection)] = nil }
    }

    /// Gives up all of them, and whatever is begun from now on.
    func close() {
        let pending = state.withLock { state in
            state.isClosed = true
            return Array(state.pending.values)
        }
        for connection in pending { connection.giveUp() }
    }
}

/// One of them, with a channel for each address that was tried so far.
final class PendingConnection: Sendable {
    /// Nobody waits for it any more.
    struct GivenUp: Error {}

    /// Where a connection's channel and its first conclusion are known, whichever of several addresses was the one.
    typealias Opened = (channel: any Channel, conclusion: EventLoopFuture<ClientErrand.Conclusion>)

    private enum State {
        case pending([any Channel])
        /// One of its channels stands, and speaks: what was said counts, so that it is given up no more.
        case speaking
        case ended
        case givenUp
    }

    private let state = Mutex(State.pending([]))
    private let promise: EventLoopPromise<Opened>

    init(on loop: any EventLoop) {
        promise = loop.makePromise()
    }

    /// Called when a channel is made, before it connects.
    /// - Throws: `GivenUp`, so that it does not.
    func add(_ channel: any Channel) throws {
        try state.withLock { state in
            guard case .pending(let channels) = state else { throw GivenUp() }
            state = .pending(channels + [channel])
        }
    }

    /// Called when a channel stands, on its loop, before anything is said over it.
    /// - Returns: whether it may speak.
    func begin() -> Bool {
        state.withLock { state in
            switch state {
            case .pending: state = .speaking
            // Whoever waits may hear of the connection before the channel does.
            case .speaking, .ended: break
            case .givenUp: return false
            }
            return true
        }
    }

    /// What it comes to. When the task is cancelled it is given up, if nothing was said yet.
    func opened() async throws -> Opened {
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            giveUp()
        }
    }

    func end(_ result: Result<Opened, any Error>) {
        let isFirst = state.withLock { state in
            switch state {
            case .pending, .speaking: state = .ended
            case .ended, .givenUp: return false
            }
            return true
        }
        if isFirst { promise.completeWith(result) }
    }

    /// Nothing has been said over its channels yet, and nothing will be.
    func giveUp() {
        let channels: [any Channel]? = state.withLock { state in
            guard case .pending(let channels) = state else { return nil }
            state = .givenUp
            return channels
        }
        guard let channels else { return }
        for channel in channels { channel.close(promise: nil) }
        promise.fail(GivenUp())
    }
}

/// Stands before the handler that speaks, and lets it begin only where the connection was not given up.
final class ConnectionGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: PendingConnection

    init(_ connection: PendingConnection) {
        self.connection = connection
    }

    func channelActive(context: ChannelHandlerContext) {
        guard connection.begin() else { return context.close(promise: nil) }
        context.fireChannelActive()
    }
}
