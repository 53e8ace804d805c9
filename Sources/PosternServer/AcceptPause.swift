import Glibc
import NIOCore

/// Where the system has no descriptor or no memory left for a connection, that connection keeps waiting, and to ask for
/// it again at once would be all that the thread does: the listener rests for a moment (threats.md F1).
///
/// NIO's `AcceptBackoffHandler` defers the next read, but the one that failed stays pending, and is tried at once.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let time = TimeAmount.milliseconds(200)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        // What else is wrong with a connection is gone with it.
        guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else { return }
        setReading(false, context)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.time) { self.setReading(true, context) }
    }

    /// Fails where the listener is closed already, and then it does not matter.
    private func setReading(_ isOn: Bool, _ context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }
}
