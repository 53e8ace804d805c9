import NIOCore

/// Closes connections that would keep something up: at the end of the process one whose client does not read its answer
/// or finish its request, which would hold up that end for ever; and one that is idle where an `IdleStateHandler` before
/// this says so.
final class ConnectionEnd: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// How long an answer that is under way at the end may take.
    private static let patience = TimeAmount.seconds(5)

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is IdleStateHandler.IdleStateEvent:
            return context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            let channel = context.channel
            _ = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }
}
