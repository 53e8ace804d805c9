import NIOCore
import NIOSSL
import NIOTLS
import PosternConnection

/// Carries out what one step asks for: the thin shell between a connection and its pure machine. Everything that happens
/// goes through `run(_:)`.
final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: StepSession
    private let step: ProbeStep
    private let host: String
    private let serverName: String?
    private let credentials: ProbeCredentials
    private let promise: EventLoopPromise<Observation>
    private var isConcluded = false
    private var context: ChannelHandlerContext?
    private var tls: NIOSSLClientHandler?
    private var requestReader = CertificateRequestReader()

    private var isRunning = false
    private var pending: [StepSession.Event] = []
    private var timer: Scheduled<Void>?
    private var fault: String?

    init(
        _ step: ProbeStep, of target: ProbeTarget, _ question: ProbeQuestion, _ credentials: ProbeCredentials,
        promise: EventLoopPromise<Observation>
    ) {
        self.step = step
        self.credentials = credentials
        self.promise = promise
        host = target.host
        serverName = ClientEndpoint.host(target.host, port: target.port).serverName
        session = StepSession(step, of: target, question, at: .uptime)
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { run(.connected) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        run(.lost(reason: fault ?? "closed by the other side"))
        conclude()
        timer?.cancel()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) { run(.connected) }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { run(.bytes(unwrapInboundIn(data))) }
    func channelInactive(context: ChannelHandlerContext) { run(.lost(reason: fault ?? "closed by the other side")) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            seeServerCertificate()
            run(.tlsEstablished(tls?.tlsVersion.words ?? "TLS"))
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Also of a server that is not trusted it is told who it says that it is.
        seeServerCertificate()
        if !ClientTLSFailure.isEnd(error) { fault = fault ?? ClientTLSFailure.words(error) }
        context.close(promise: nil)
    }

    // MARK: The machine

    private func run(_ event: StepSession.Event) {
        guard !isRunning else { return pending.append(event) }
        isRunning = true
        carryOut(event)
        while !pending.isEmpty { carryOut(pending.removeFirst()) }
        isRunning = false
        if session.isClosed { conclude() }
        schedule()
    }

    private func carryOut(_ event: StepSession.Event) {
        for action in session.receive(event, at: .uptime) {
            switch action {
            case .send(let octets): context?.writeAndFlush(wrapOutboundOut(octets), promise: nil)
            case .startTLS: startTLS()
            case .close: context?.close(promise: nil)
            }
        }
    }

    private func conclude() {
        guard !isConcluded else { return }
        isConcluded = true
        promise.succeed(session.observation)
    }

    private func schedule() {
        timer?.cancel()
        guard let deadline = session.deadline, let context else { return }
        let moment = NIODeadline.uptimeNanoseconds(UInt64(max(0, deadline.nanoseconds)))
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) { [weak self] in self?.run(.tick) }
    }

    // MARK: TLS

    private func startTLS() {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        do {
            let configuration = credentials.configuration(for: step) { promise in
                // The handshake is still under way here: it is looked at in the next turn.
                loop.execute { bound.value.answerRequest(promise) }
            }
            let tls = try credentials.handler(configuration, serverName: serverName)
            self.tls = tls
            try context.pipeline.syncOperations.addHandler(tls, position: .first)
            if step == .olderTLS {
                let tap = CertificateRequestTap { [weak self] octets in self?.read(octets) }
                try context.pipeline.syncOperations.addHandler(tap, position: .first)
            }
        } catch {
            pending.append(.lost(reason: ClientTLSFailure.words(error)))
        }
    }

    private func seeServerCertificate() {
        guard session.observation.serverCertificate == nil, let certificate = tls?.peerCertificate,
            let seen = ServerCertificate(certificate, host: credentials.isNameAsked ? host : nil)
        else { return }
        run(.serverCertificate(seen))
    }

    private func answerRequest(_ promise: EventLoopPromise<NIOSSLContextConfigurationOverride>) {
        let server = tls?.peerCertificate.flatMap { credentials.verify($0, host: host) }
        guard let offer = credentials.offer(for: step, to: server) else {
            fault = "the server's certificate is for another name, and ours is not shown to it"
            promise.fail(ServerNameUnverified())
            context?.close(promise: nil)
            return
        }
        run(.certificateRequested(isShown: offer.certificateChain != nil))
        promise.succeed(offer)
    }

    private func read(_ octets: ByteBuffer) {
        if let names = requestReader.read(octets) { run(.authorities(names)) }
    }
}

/// The server asked for the person's certificate without having shown to be the one.
struct ServerNameUnverified: Error {}

/// Sees what comes in before TLS takes it.
private final class CertificateRequestTap: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let see: (ByteBuffer) -> Void

    init(_ see: @escaping (ByteBuffer) -> Void) { self.see = see }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        see(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }
}

extension TLSVersion? {
    fileprivate var words: String {
        switch self {
        case .tlsv13: "TLS 1.3"
        case .tlsv12: "TLS 1.2"
        case .tlsv11: "TLS 1.1"
        case .tlsv1: "TLS 1.0"
        case nil: "TLS"
        }
    }
}

extension Duration {
    /// The clock of a step's events.
    static var uptime: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
