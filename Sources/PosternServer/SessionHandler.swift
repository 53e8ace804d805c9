import NIOCore
import NIOSSL
import NIOTLS
import PosternCertificates
import PosternIdentity
import PosternMail
import PosternQueue
import PosternSMTP
import PosternSubmission

/// Carries out what a session asks for: the thin shell between one connection and its pure machine.
///
/// Everything that happens goes through `run(_:)`, and nothing else touches the machine.
final class SessionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let runtime: ListenerRuntime
    private let connection: Connection
    private let network: ClientNetwork
    private var session: Session
    private var context: ChannelHandlerContext?

    // What the handshake that runs, or ran last, has shown. Set by its verification callback alone.
    private var examination: Examination?

    private var replies = ByteBuffer()
    private var isReading = false
    private var isReadHeld = false

    private var isRunning = false
    private var pending: [Event] = []

    private var body: (id: QueueID, feed: BodyFeed)?
    private var timer: (task: Scheduled<Void>, at: Duration)?

    init(_ connection: Connection, of network: ClientNetwork, runtime: ListenerRuntime) {
        self.runtime = runtime
        self.connection = connection
        self.network = network
        session = Session(connection)
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { run(.connected) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        run(.connected)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        run(.bytes(unwrapInboundIn(data)))
    }

    /// RFC 2920 §3.2: replies go out when the input is used up, not one by one.
    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !session.isClosed { run(.closed) }
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted:
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            run(.tlsEstablished(TLSFacts(version: TLSVersion(handler?.tlsVersion), examination: examination)))
        case TLSUserEvent.shutdownCompleted, ChannelEvent.inputClosed:
            if !session.isClosed { run(.closed) }
        case is DrainEvent:
            run(.drain)
        case is ReminderEvent:
            remind()
        case is CutOffEvent:
            run(.cutOff)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Clients that close without a close_notify are many, and have said what they had to say. What a connection
        // suffers after its session has ended is no news.
        if case NIOSSLError.uncleanShutdown = error {
        } else if session.isClosed {
        } else if session.isSecuring {
            runtime.record(.handshakeFailed(reason: TLSFailure.words(error)), of: connection)
        } else {
            runtime.record(.connectionFailed(reason: TLSFailure.words(error)), of: connection)
        }
        if !session.isClosed { run(.closed) }
        context.close(promise: nil)
    }

    /// While the session has enough to look at after the answer that it awaits, the disk is behind, or the client does
    /// not read what it is told, nothing is read from it.
    func read(context: ChannelHandlerContext) {
        if mustHoldReads { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    private var mustHoldReads: Bool {
        session.holdsEnough || body?.feed.isFull == true || context?.channel.isWritable == false
    }

    // MARK: The machine

    /// The one door to the machine: an event in, its actions carried out, and the answers that come at once fed back.
    private func run(_ event: Event) {
        guard !isRunning else { return pending.append(event) }
        isRunning = true
        carryOut(event)
        while !pending.isEmpty { carryOut(pending.removeFirst()) }
        isRunning = false
        if !isReading { flush() }
        resumeReading()
        schedule()
    }

    private func carryOut(_ event: Event) {
        for action in session.receive(event, in: runtime.surroundings()) { perform(action) }
    }

    private func perform(_ action: Action) {
        switch action {
        case .send(let reply, let verb):
            reply.write(into: &replies)
            runtime.observer.record(reply.code, to: verb)
        case .startTLS: startTLS()
        case .checkPassword(let attempt): check(attempt)
        case .openBody: openBody()
        case .writeBody(let octets): body?.feed.append(octets)
        case .discardBody: discardBody()
        case .store(let submission): store(submission)
        case .log(let event): runtime.observer.record(event, of: connection, on: runtime.name)
        case .close: close()
        }
    }

    private func flush() {
        guard let context, replies.readableBytes > 0 else { return }
        let octets = replies
        // A fresh buffer: the one that was written belongs to the channel until it is sent.
        replies = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(octets), promise: nil)
    }

    private func resumeReading() {
        guard isReadHeld, !mustHoldReads, let context else { return }
        isReadHeld = false
        context.read()
    }

    private func close() {
        flush()
        context?.close(promise: nil)
    }

    private func end() {
        timer?.task.cancel()
        timer = nil
        discardBody()
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
            remind()
        }
        timer = (task, deadline)
    }

    /// While the disk is behind the client cannot speak; `.caughtUp` begins its time anew.
    private func remind() {
        if body?.feed.isFull != true { run(.tick) }
    }

    // MARK: Actions

    /// The 220 and the TLS handler in one step: between them the client's first record could come and be lost. The
    /// handler stands before this one from now on, so what comes is its own.
    private func startTLS() {
        guard let context else { return }
        flush()
        do {
            let handler = try tlsHandler(on: context.eventLoop)
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            runtime.record(.handshakeFailed(reason: "\(error)"), of: connection)
            context.close(promise: nil)
        }
    }

    /// The handler for a connection's one handshake.
    func tlsHandler(on eventLoop: any EventLoop) throws -> NIOSSLServerHandler {
        let generation = runtime.generation
        let settings = generation.settings[runtime.index]
        guard settings.listener.policy != .off, !generation.snapshot.trust.isEmpty else {
            return NIOSSLServerHandler(context: try runtime.context(asking: false, in: generation))
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return NIOSSLServerHandler(context: try runtime.context(asking: true, in: generation)) { chain, promise in
            bound.value.verify(chain, promise)
        }
    }

    /// Looks at the chain while the handshake waits. A bad certificate does not break it, unless the listener says so:
    /// the client hears of it in SMTP, where its mail program can show it.
    private func verify(_ chain: [NIOSSLCertificate], _ promise: EventLoopPromise<NIOSSLVerificationResult>) {
        let generation = runtime.generation
        let der = chain.map { (try? $0.toDERBytes()) ?? [] }
        let examination = runtime.examinations.examination(of: der, against: generation.snapshot.trust)
        self.examination = examination
        guard generation.settings[runtime.index].listener.unusable == .abort else {
            return promise.succeed(.certificateVerified)
        }
        let minimum = generation.settings[runtime.index].listener.minimumTLSForCertificates
        let decision = generation.snapshot.decide(examination, over: minimum, minimum: minimum, at: .now)
        guard case .unusable = decision.standing, let summary = CertificateSummary(decision) else {
            return promise.succeed(.certificateVerified)
        }
        runtime.record(.certificateAborted(summary), of: connection)
        promise.succeed(.failed)
    }

    private func check(_ attempt: PasswordAttempt) {
        guard let eventLoop = context?.eventLoop else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        runtime.passwords.check(attempt, from: network) { result in
            eventLoop.execute { bound.value.answer(result) }
        }
    }

    private func answer(_ result: PasswordWorkers.Result) {
        switch result {
        case .notChecked(let obstacle): run(.passwordNotChecked(obstacle))
        case .checked(let verdict, let delay, let alarms):
            for alarm in alarms { runtime.record(alarm, of: connection) }
            guard delay > .zero, let context else { return run(.passwordChecked(verdict)) }
            let time = TimeAmount.nanoseconds(delay.wholeNanoseconds)
            _ = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
                self?.run(.passwordChecked(verdict))
            }
        }
    }

    private func openBody() {
        guard let eventLoop = context?.eventLoop, runtime.reserveBody() else { return run(.bodyRefused) }
        let id = QueueID(time: .now, random: .random(in: .min ... .max))
        let feed = BodyFeed(runtime.bodies.writer(for: id), threads: runtime.threads, eventLoop: eventLoop) {
            [weak self] in self?.run(.caughtUp)
        }
        body = (id, feed)
        run(.bodyOpened(id))
    }

    private func discardBody() {
        guard let body else { return }
        body.feed.discard()
        self.body = nil
        runtime.releaseBody()
    }

    private func store(_ submission: Submission) {
        guard let feed = body?.feed, let eventLoop = context?.eventLoop else { return run(.notStored(.broken)) }
        // From here on the message is the queue's; the connection's end no longer concerns it.
        body = nil
        let runtime = runtime
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        feed.finish { result in
            switch result {
            case .failure(let error):
                runtime.releaseBody()
                if case .failed(let fault) = error { runtime.queue.report(fault) }
                bound.value.run(.notStored(StorageFailure(error)))
            case .success(let octets):
                runtime.server.sessions.awaitAnswer()
                runtime.queue.submit(NewMessage(submission, octets)) { result in
                    runtime.releaseBody()
                    eventLoop.execute {
                        switch result {
                        case .success: bound.value.run(.stored)
                        case .failure(let error): bound.value.run(.notStored(StorageFailure(error)))
                        }
                        runtime.server.sessions.answered()
                    }
                }
            }
        }
    }
}

/// Sent down every channel when the server is about to end.
struct DrainEvent: Sendable {}

extension NewMessage {
    init(_ submission: Submission, _ body: MessageBody) {
        self.init(
            id: submission.id, envelope: submission.envelope, body: body, received: submission.received,
            account: submission.account, authentication: submission.sequence.rawValue)
    }
}

extension StorageFailure {
    init(_ error: QueueError) {
        if case .full = error { self = .full } else { self = .broken }
    }
}
