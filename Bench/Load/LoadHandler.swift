import NIOCore
import NIOSSL
import NIOTLS
import PosternSMTP

/// A client's side of one connection, which says one thing after the other: STARTTLS, AUTH EXTERNAL where it is offered,
/// then message after message, each command when the one before it is answered.
final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Whose answer is awaited.
    private enum Step {
        case greeting, hello, startTLS, handshake, secureHello, authentication, mail, recipient, data, content, quit
        /// Nothing comes any more.
        case held, over

        var code: UInt8? {
            switch self {
            case .greeting, .startTLS, .authentication, .hello, .secureHello, .mail, .recipient, .content, .quit:
                UInt8(ascii: "2")
            case .data: UInt8(ascii: "3")
            case .handshake, .held, .over: nil
            }
        }
    }

    private let load: Load
    private let tls: NIOSSLContext
    private var step = Step.greeting
    private var number: Int
    private var carried = 0
    private var began = ContinuousClock.now
    private var isExternalOffered = false
    private var input = ByteBuffer()
    private var lines = LineReader()
    private var fault = "closed by the server"

    /// - Parameter first: the number of its first message.
    init(_ load: Load, _ tls: NIOSSLContext, first: Int) {
        self.load = load
        self.tls = tls
        number = first
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        input.writeBuffer(&octets)
        while case .line(let line) = lines.next(from: &input, limit: 4_096, abandon: 65_536) { read(line, context) }
        input.discardReadBytes()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted = event else { return context.fireUserInboundEventTriggered(event) }
        say(load.script.hello, .secureHello, context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fault = "\(error)"
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch step {
        case .over: break
        case .held: load.drop()
        // Some close without an answer.
        case .quit: load.ended()
        default: load.failed("\(step): \(fault)")
        }
        step = .over
    }

    private func read(_ line: [UInt8], _ context: ChannelHandlerContext) {
        if step == .secureHello, line.dropFirst(4).starts(with: Array("AUTH".utf8)) {
            isExternalOffered = String(decoding: line, as: UTF8.self).split(separator: " ").contains("EXTERNAL")
        }
        guard line.count < 4 || line[3] != UInt8(ascii: "-") else { return }
        guard let code = step.code, line.first == code else {
            guard step != .over else { return }
            load.failed("\(step): \(String(decoding: line, as: UTF8.self))")
            step = .over
            return context.close(promise: nil)
        }
        advance(context)
    }

    private func advance(_ context: ChannelHandlerContext) {
        let script = load.script
        switch step {
        case .greeting: say(script.hello, .hello, context)
        case .hello: say(script.startTLS, .startTLS, context)
        case .startTLS: startTLS(context)
        case .secureHello:
            if isExternalOffered { say(script.authentication, .authentication, context) } else { begin(context) }
        case .authentication: begin(context)
        case .mail: say(script.recipient, .recipient, context)
        case .recipient: say(script.data, .data, context)
        case .data: say(script.content(number), .content, context)
        case .content: next(context)
        case .quit:
            step = .over
            context.close(promise: nil)
            load.ended()
        case .handshake, .held, .over: break
        }
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        step = .handshake
        do {
            let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    private func begin(_ context: ChannelHandlerContext) {
        began = .now
        say(load.script.mail, .mail, context)
    }

    /// A message is accepted.
    private func next(_ context: ChannelHandlerContext) {
        load.accepted(after: .now - began)
        carried += 1
        guard let most = load.perConnection else {
            step = .held
            return load.hold()
        }
        guard carried < most, let number = load.nextMessage() else { return say(load.script.quit, .quit, context) }
        self.number = number
        begin(context)
    }

    private func say(_ octets: ByteBuffer, _ next: Step, _ context: ChannelHandlerContext) {
        step = next
        context.writeAndFlush(wrapOutboundOut(octets), promise: nil)
    }
}
