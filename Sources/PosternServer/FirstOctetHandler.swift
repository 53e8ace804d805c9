import NIOCore
import PosternSubmission

/// Stands before TLS on a port that speaks it from the first octet, and looks at that octet: a client that begins in
/// clear gets a sentence that it can read, and the log says what came.
final class FirstOctetHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Connection
    private let runtime: ListenerRuntime
    private var isRefused = false

    init(_ connection: Connection, runtime: ListenerRuntime) {
        self.connection = connection
        self.runtime = runtime
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        let octets = unwrapInboundIn(data)
        // RFC 8446 §5.1: a record that carries a handshake.
        guard let first = octets.readableBytesView.first, first != 0x16 else {
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            return
        }
        isRefused = true
        runtime.record(.plainTextOnTLSPort, of: connection)
        let text = "421 4.7.0 this port speaks TLS from the first octet (\(connection.id))\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.close(promise: nil)
    }

    /// The handlers behind know of nothing, and would take the end for that of a handshake.
    func channelInactive(context: ChannelHandlerContext) {
        if !isRefused { context.fireChannelInactive() }
    }
}
