import NIOCore
import NIOPosix
import PosternClient
import PosternConnection
import Synchronization

/// A server on a port of the system's choice that answers what it is told to, and keeps every octet it gets.
final class ScriptedNextHop: Sendable {
    /// What is answered; the default is a good server. `nil` closes the connection.
    struct Replies: Sendable {
        var greeting: String? = "220 sink ESMTP"
        /// Accepts the connection, and says nothing.
        var isSilent = false
        var hello = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 100000000"
        /// The second MAIL of a connection is answered with its end.
        var closesAtSecondMail = false
        /// By the whole line.
        var recipients: [String: String] = [:]
        /// After the end of data, one after another.
        var final: [String?] = ["250 2.0.0 queued as 7"]
    }

    let port: Int
    private let channel: any Channel
    private let recorder: Recorder

    init(_ replies: Replies = Replies()) async throws {
        let record = Recorder()
        recorder = record
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SinkHandler(replies, record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Everything that came, in the order of the connections.
    var received: String { recorder.text }
    /// How many have connected.
    var connections: Int { recorder.connections.withLock { $0 } }

    func client(
        dialect: ClientSettings.Dialect = .smtp, tls: ClientTLS = .none, timeouts: ClientTimeouts = ClientTimeouts()
    ) throws -> NextHopClient {
        try NextHopClient(
            .host("127.0.0.1", port: port),
            ClientSettings(hostname: "mail.example.org", dialect: dialect, tls: tls, timeouts: timeouts))
    }

    func stop() async throws {
        try await channel.close().get()
    }
}

private final class Recorder: Sendable {
    private let octets = Mutex(ByteBuffer())
    let connections = Mutex(0)
    var text: String { octets.withLock { String(buffer: $0) } }
    func add(_ more: ByteBuffer) { _ = octets.withLock { $0.writeImmutableBuffer(more) } }
}

private final class SinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var replies: ScriptedNextHop.Replies
    private let recorder: Recorder
    private var input = ByteBuffer()
    private var isContent = false
    private var mails = 0
    /// STARTTLS was taken, but nothing here speaks TLS.
    private var isHandshake = false

    init(_ replies: ScriptedNextHop.Replies, _ recorder: Recorder) {
        self.replies = replies
        self.recorder = recorder
    }

    func channelActive(context: ChannelHandlerContext) {
        recorder.connections.withLock { $0 += 1 }
        if !replies.isSilent { say(replies.greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = unwrapInboundIn(data)
        if isHandshake { return say("this is no TLS", context) }
        recorder.add(octets)
        input.writeImmutableBuffer(octets)
        while let end = input.readableBytesView.firstIndex(of: 10) {
            let line = String(buffer: input.readSlice(length: end - input.readerIndex + 1) ?? ByteBuffer())
            take(String(line.unicodeScalars.filter { $0 != "\r" && $0 != "\n" }), context)
        }
        input.discardReadBytes()
    }

    private func take(_ line: String, _ context: ChannelHandlerContext) {
        if isContent {
            guard line == "." else { return }
            isContent = false
            for reply in replies.final { say(reply, context) }
            return
        }
        switch line.prefix(4) {
        case "EHLO", "LHLO": say(replies.hello, context)
        case "RCPT": say(replies.recipients[line] ?? "250 ok", context)
        case "MAIL":
            mails += 1
            say(mails > 1 && replies.closesAtSecondMail ? nil : "250 ok", context)
        case "DATA":
            isContent = true
            say("354 go on", context)
        case "STAR":
            isHandshake = true
            say("220 go", context)
        case "QUIT":
            say("221 bye", context)
            context.close(promise: nil)
        default: say("250 ok", context)
        }
    }

    private func say(_ reply: String?, _ context: ChannelHandlerContext) {
        guard let reply else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: reply + "\r\n")), promise: nil)
    }
}
