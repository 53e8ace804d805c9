import NIOCore
import NIOPosix
import NIOSSL

/// All connections, on one event loop: an instrument must leave the processors to what is measured.
final class Load {
    let script: Script
    /// Nil: connections stay open, and carry one message.
    let perConnection: Int?
    private(set) var tally = Tally()
    /// Of the connections that are held: those that the server has closed.
    private(set) var dropped = 0

    private var quota: Quota
    private let context: NIOSSLContext
    private let address: SocketAddress
    private let loop: any EventLoop
    private let end: EventLoopPromise<Void>
    private var running = 0

    init(
        _ script: Script, _ quota: Quota, _ context: NIOSSLContext, _ address: SocketAddress, perConnection: Int?,
        on loop: any EventLoop
    ) {
        self.script = script
        self.perConnection = perConnection
        self.quota = quota
        self.context = context
        self.address = address
        self.loop = loop
        end = loop.makePromise()
    }

    /// - Returns: what succeeds when the quota is used up and every connection has come to its end, or is held.
    func start(_ connections: Int) -> EventLoopFuture<Void> {
        running = connections
        for _ in 0..<connections { connect() }
        return end.futureResult
    }

    func nextMessage() -> Int? { quota.take() }

    func accepted(after time: Duration) {
        tally.accept(after: time)
    }

    /// A connection has said QUIT, and another takes its turn.
    func ended() {
        connect()
    }

    /// A connection has carried its message, and stays; another takes its turn.
    func hold() {
        connect()
    }

    func drop() {
        dropped += 1
    }

    /// None takes this one's turn: what is refused to one is refused to the next.
    func failed(_ complaint: String) {
        tally.refuse(complaint)
        stop()
    }

    private func connect() {
        guard let number = quota.take() else { return stop() }
        let load = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LoadHandler(load.value, context, first: number))
                }
            }
            .connect(to: address)
            .whenFailure { load.value.failed("no connection: \($0)") }
    }

    private func stop() {
        running -= 1
        if running == 0 { end.succeed(()) }
    }
}
