import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import PosternConnection
import PosternMail
import PosternSASL

/// Carries out what a client session asks for: the thin shell between one connection and its pure machine.
///
/// Everything that happens goes through `run(_:)`, and nothing else touches the machine.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Sent down a channel whose message is to wait no longer.
    struct CutOff: Sendable {}

    struct Transport: Sendable {
        /// Nil where no TLS is ever spoken.
        let context: NIOSSLContext?
        let serverName: String?
        /// For a server that asks for a certificate; nil where the context holds one.
        var desk: CertificateDesk?
        var port: SubmissionPort?
        /// Whether the dialogue is kept.
        var isRecorded = false
    }

    private let transport: Transport
    private let login: ClientCredentials.Login?
    private let idle: IdleConnections
    private var errand: ClientErrand?
    private var concluded: (promise: EventLoopPromise<ClientErrand.Conclusion>, ClientErrand.Conclusion)?
    private var isBodyAsked = false
    private var messages = 0
    private var tls: NIOSSLClientHandler?
    private var transcript: Transcript?
    private var idleTimer: Scheduled<Void>?
    private var session: ClientSession
    private var context: ChannelHandlerContext?

    private var isRunning = false
    private var pending: [ClientSession.Event] = []
    private var output = ByteBuffer()
    private var timer: (task: Scheduled<Void>, at: Duration)?
    private var isBodyWanted = false
    /// What the connection suffered last.
    private var fault: String?
    /// The first thing that went wrong in TLS: what follows comes of it.
    private var tlsFault: TLSFault?

    init(_ errand: ClientErrand, _ settings: ClientSettings, _ transport: Transport, idle: IdleConnections) {
        self.transport = transport
        self.errand = errand
        self.idle = idle
        login = settings.credentials.login
        session = ClientSession(settings, errand.message, nonce: Self.nonce(), at: Self.now)
        transcript = transport.isRecorded ? Transcript() : nil
    }

    /// Another message, for an idle connection.
    func take(_ errand: ClientErrand) {
        guard session.isIdle, self.errand == nil, let message = errand.message else {
            return errand.conclusion.succeed(ClientErrand.Conclusion(results: [], isStale: true))
        }
        idleTimer?.cancel()
        idleTimer = nil
        self.errand = errand
        isBodyAsked = false
        if transcript != nil { transcript = Transcript() }
        run(.next(message))
    }

    /// Nobody will have another message.
    func quit() {
        idleTimer?.cancel()
        idleTimer = nil
        run(.quit)
    }

    /// 144 random bits in BASE64, whose alphabet SCRAM allows.
    private static func nonce() -> String {
        Base64.encode((0..<18).map { _ in UInt8.random(in: .min ... .max) })
    }

    private static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { run(.connected) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        lost()
        timer?.task.cancel()
        timer = nil
        idleTimer?.cancel()
        idleTimer = nil
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        run(.connected)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        run(.bytes(unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted: run(.tlsEstablished)
        case is CutOff: run(.lost(reason: "cut off here, since the process is stopping"))
        case let fault as KeyFault: suffer(fault)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Servers that close without a close_notify are many; that they have closed is all there is to say.
        if !ClientTLSFailure.isEnd(error) { suffer(error) }
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        fetchBody()
    }

    private func suffer(_ error: any Error) {
        fault = fault ?? ClientTLSFailure.words(error)
        guard Self.isOfTLS(error) else { return }
        let names = tls?.peerCertificate.map(VerifiedServerName.list) ?? []
        tlsFault = tlsFault ?? TLSFault(error, names: names)
    }

    private func suffer(_ key: KeyFault) {
        tlsFault = tlsFault ?? .keyUnavailable
        fault = fault ?? "the key of the client's certificate: \(key.words)"
    }

    private static func isOfTLS(_ error: any Error) -> Bool {
        error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError
    }

    private func lost() {
        guard !session.isClosed else { return }
        run(.lost(reason: fault ?? "closed by the other side", tls: tlsFault))
    }

    // MARK: The machine

    /// The one door to the machine: an event in, its actions carried out, and the answers that come at once fed back.
    private func run(_ event: ClientSession.Event) {
        guard !isRunning else { return pending.append(event) }
        isRunning = true
        carryOut(event)
        while !pending.isEmpty { carryOut(pending.removeFirst()) }
        isRunning = false
        flush()
        fetchBody()
        schedule()
        awaitNext()
        // Whoever hears of it may want the connection at once, which by now is idle, or gone.
        guard let (promise, conclusion) = concluded else { return }
        concluded = nil
        promise.succeed(conclusion)
    }

    private func carryOut(_ event: ClientSession.Event) {
        let wasSecuring = session.isSecuring
        let wasAuthenticating = session.isAuthenticating
        let actions = session.receive(event, at: Self.now)
        transcript?.note(event, actions, isSecret: wasAuthenticating || session.isAuthenticating)
        for action in actions { perform(action, wasSecuring) }
    }

    private func perform(_ action: ClientSession.Action, _ wasSecuring: Bool) {
        switch action {
        case .send(let octets):
            output.writeImmutableBuffer(octets)
        case .startTLS:
            startTLS()
        case .prove(let challenge):
            prove(challenge)
        case .wantBody:
            isBodyWanted = true
            isBodyAsked = true
        case .finished(let results):
            finish(results, nil, isHandshakeFailed: wasSecuring)
        case .checked(let failure):
            finish([], failure, isHandshakeFailed: wasSecuring)
        case .close:
            flush()
            context?.close(promise: nil)
        }
    }

    private func finish(_ results: [RecipientResult], _ failure: ClientFailure?, isHandshakeFailed: Bool) {
        guard let errand else { return }
        self.errand = nil
        messages += 1
        concluded = (
            errand.conclusion,
            ClientErrand.Conclusion(
                results: results, isHandshakeFailed: isHandshakeFailed,
                isStale: errand.isReused && !isBodyAsked && session.isClosed, isContentBegun: isBodyAsked,
                failure: failure, facts: facts)
        )
    }

    private var facts: ClientFacts {
        ClientFacts(
            port: transport.port, authentication: session.authentication, isExternalTried: session.isExternalTried,
            tls: session.isSecure ? tls?.tlsVersion.words ?? "TLS" : nil,
            isCertificateRequested: session.isCertificateRequested, isCertificateShown: session.isCertificateShown,
            capabilities: session.capabilities, transcript: transcript?.lines ?? [])
    }

    /// An idle session is there for the next message for a while, and then says goodbye.
    private func awaitNext() {
        guard let context else { return }
        guard session.isIdle else {
            if session.isClosed { idle.remove(context.channel) }
            return
        }
        guard errand == nil, idleTimer == nil else { return }
        guard messages < idle.messageLimit else { return run(.quit) }
        let channel = context.channel
        idle.add(ClientConnection(channel: channel, handler: NIOLoopBound(self, eventLoop: context.eventLoop)))
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: idle.time) { [weak self] in
            guard let self else { return }
            idle.remove(channel)
            run(.quit)
        }
    }

    private func flush() {
        guard let context, output.readableBytes > 0 else { return }
        let octets = output
        // A fresh buffer: the one that was written belongs to the channel until it is sent.
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(octets), promise: nil)
    }

    private func startTLS() {
        guard let context, let tls = transport.context else {
            return pending.append(.lost(reason: "there is no TLS here"))
        }
        flush()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        transport.desk?.open { promise in
            // The handshake is still under way here: it is looked at in the next turn.
            loop.execute { bound.value.answerRequest(promise) }
        }
        do {
            let handler = try NIOSSLClientHandler(context: tls, serverHostname: transport.serverName)
            self.tls = handler
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            pending.append(.lost(reason: ClientTLSFailure.words(error)))
        }
    }

    /// The server asks for a certificate. It gets one only if its own name has been verified.
    private func answerRequest(_ promise: EventLoopPromise<NIOSSLContextConfigurationOverride>) {
        run(.certificateRequested)
        guard let context, let desk = transport.desk, let certificate = desk.certificate else {
            return promise.succeed(.noChanges)
        }
        let peer = tls?.peerCertificate
        guard let name = peer.flatMap({ VerifiedServerName(desk.host, in: $0) }) else {
            tlsFault = tlsFault ?? .foreignName(peer.map(VerifiedServerName.list) ?? [])
            fault = fault ?? "the server's certificate is for another name"
            return refuse(promise)
        }
        context.eventLoop.makeFutureWithTask { try await certificate.offer(to: name) }.assumeIsolated()
            .whenComplete { [self] result in
                switch result {
                case .success(let offer):
                    run(.certificateShown)
                    promise.succeed(offer)
                case .failure(let error):
                    suffer(KeyFault(words: "\(error)"))
                    refuse(promise)
                }
            }
    }

    private func refuse(_ promise: EventLoopPromise<NIOSSLContextConfigurationOverride>) {
        promise.fail(CertificateWithheld())
        context?.close(promise: nil)
    }

    /// On another thread, since it takes a tenth of a second of its processor.
    private func prove(_ challenge: SCRAMChallenge) {
        guard let context, let login else { return pending.append(.proved(nil)) }
        NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) { challenge.proof(of: login.password) }
            .assumeIsolated().whenComplete { [self] result in run(.proved((try? result.get()) ?? nil)) }
    }

    /// Fetches a piece of the content when the machine wants it and the transport takes it; so no more than about two
    /// pieces are in memory.
    private func fetchBody() {
        guard isBodyWanted, let body = errand?.body, let context, context.channel.isWritable, !session.isClosed else {
            return
        }
        isBodyWanted = false
        context.eventLoop.makeFutureWithTask { await body() }.assumeIsolated().whenSuccess { [self] piece in
            switch piece {
            case .octets(let octets): run(.body(octets))
            case .last(let octets): run(.lastBody(octets))
            case .end: run(.bodyEnded)
            case .unreadable(let reason): run(.bodyFailed(reason: reason))
            }
        }
    }

    private func schedule() {
        guard let deadline = session.deadline, let context else { return }
        if let timer {
            guard deadline < timer.at else { return }
            timer.task.cancel()
        }
        let moment = NIODeadline.uptimeNanoseconds(UInt64(max(0, deadline.wholeNanoseconds)))
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) { [weak self] in
            guard let self else { return }
            timer = nil
            run(.tick)
        }
        timer = (task, deadline)
    }
}

extension TLSVersion? {
    fileprivate var words: String? {
        switch self {
        case .tlsv13: "TLS 1.3"
        case .tlsv12: "TLS 1.2"
        case .tlsv11: "TLS 1.1"
        case .tlsv1: "TLS 1.0"
        case nil: nil
        }
    }
}
