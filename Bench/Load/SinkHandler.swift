import Glibc
import NIOCore
import PosternSMTP

/// A next hop's side of one connection: says yes to all that a client of SMTP says.
final class SinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let count: Count
    private var input = ByteBuffer()
    private var lines = LineReader()
    private var decoder: DataDecoder?

    init(_ count: Count) {
        self.count = count
    }

    func channelActive(context: ChannelHandlerContext) {
        answer("220 sink.example.net ESMTP", context)
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        input.writeBuffer(&octets)
        while input.readableBytes > 0, step(context) {}
        input.discardReadBytes()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /// - Returns: whether more may be done with what is there.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        if decoder != nil {
            guard decoder?.decode(&input, emit: { _ in }) == true else { return false }
            decoder = nil
            count.add()
            answer("250 2.0.0 taken", context)
            return true
        }
        guard case .line(let line) = lines.next(from: &input, limit: 4_096, abandon: 65_536) else { return false }
        obey(String(decoding: line.prefix(4), as: UTF8.self).uppercased(), context)
        return true
    }

    private func obey(_ verb: String, _ context: ChannelHandlerContext) {
        switch verb {
        case "EHLO":
            answer("250-sink.example.net\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES", context)
        case "DATA":
            decoder = DataDecoder(.dots, lineLimit: .max)
            answer("354 go on", context)
        case "QUIT":
            answer("221 2.0.0 bye", context)
            context.flush()
            context.close(promise: nil)
        default:
            answer("250 2.0.0 yes", context)
        }
    }

    private func answer(_ text: String, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
    }
}

/// The standard output, which keeps lines to itself where it is no terminal.
enum Standard {
    static func flush() {
        fflush(nil)
    }
}
