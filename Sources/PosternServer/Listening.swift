import NIOCore
import NIOPosix
import PosternSubmission

/// Why a listener could not be opened.
public struct ListeningError: Error, CustomStringConvertible {
    public let listener: String
    public let address: String
    public let port: Int
    public let reason: String

    public var description: String {
        "listener \(listener) cannot listen on \(address) port \(port): \(reason)"
    }
}

/// Opens one listener's socket and puts a pipeline behind each connection.
struct Listening {
    private let listener: ServerConfiguration.Listener
    private let runtime: ListenerRuntime

    init(_ listener: ServerConfiguration.Listener, _ runtime: ListenerRuntime) {
        self.listener = listener
        self.runtime = runtime
    }

    func open(on group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        let channel = try await bind(group)
        let address = channel.localAddress
        runtime.record(
            .listening(address: address?.ipAddress ?? listener.address ?? "::", port: address?.port ?? listener.port),
            of: nil)
        return channel
    }

    private func bind(_ group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        // `::` takes IPv4 as well; where the system has no IPv6 at all there is IPv4.
        let addresses = listener.address.map { [$0] } ?? ["::", "0.0.0.0"]
        var failure: (any Error)?
        for address in addresses {
            do {
                return try await bootstrap(group).bind(host: address, port: listener.port).get()
            } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
                failure = error
            } catch {
                throw refusal(address, error)
            }
        }
        throw refusal(addresses[0], failure)
    }

    private func refusal(_ address: String, _ error: (any Error)?) -> ListeningError {
        let reason: String
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: reason = "another program listens there already"
        case EACCES: reason = "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE"
        case EADDRNOTAVAIL: reason = "this machine has no such address"
        default: reason = error.map { "\($0)" } ?? "unknown"
        }
        return ListeningError(listener: listener.name, address: address, port: listener.port, reason: reason)
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup) -> ServerBootstrap {
        let runtime = runtime
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read an event, into a buffer that fits what the client sends.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: ReceiveBuffers())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.set(up: channel, runtime) }
            }
    }

    private static func set(up channel: any Channel, _ runtime: ListenerRuntime) throws {
        let client = ClientNetwork(channel.remoteAddress)
        let connection = Connection(
            id: SessionID(random: .random(in: .min ... .max)),
            clientAddress: channel.remoteAddress?.ipAddress.map(numeric) ?? "unknown")
        let server = runtime.server
        let limits = server.limits
        let (isAdmitted, change) = server.counts.admit(
            client, total: limits.connections, perClient: limits.connectionsPerAddress)
        guard isAdmitted else { return try refuse(channel, connection, runtime) }
        server.note(change)
        channel.closeFuture.whenComplete { _ in
            server.note(server.counts.release(client))
            server.sessions.remove(channel)
            runtime.record(.disconnected, of: connection)
        }
        runtime.record(.connected, of: connection)
        let session = SessionHandler(connection, of: client, runtime: runtime)
        if runtime.generation.settings[runtime.index].listener.tls == .implicit {
            try channel.pipeline.syncOperations.addHandlers(
                FirstOctetHandler(connection, runtime: runtime), try session.tlsHandler(on: channel.eventLoop))
        }
        try channel.pipeline.syncOperations.addHandler(session)
        // Last, so that a drain that has begun reaches the session.
        server.sessions.add(channel)
    }

    private static func refuse(_ channel: any Channel, _ connection: Connection, _ runtime: ListenerRuntime) throws {
        runtime.record(.tooManyConnections, of: connection)
        try channel.pipeline.syncOperations.addHandler(RefusingHandler(connection, isClear: runtime.startsInClear))
    }

    /// An IPv4 client of a socket for both families comes as `::ffff:192.0.2.1`.
    private static func numeric(_ address: String) -> String {
        address.hasPrefix("::ffff:") && address.contains(".") ? String(address.dropFirst(7)) : address
    }
}

/// Tells a client that there are too many, where it can read it, and closes.
private final class RefusingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Connection
    private let isClear: Bool

    init(_ connection: Connection, isClear: Bool) {
        self.connection = connection
        self.isClear = isClear
    }

    func channelActive(context: ChannelHandlerContext) {
        if isClear {
            let text = "421 4.7.0 too many connections; try again later (\(connection.id))\r\n"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
