public import NIOCore
public import PosternConnection
import PosternMail
public import PosternSASL
import PosternSMTP

/// One connection to a next hop, as a pure machine: it opens no socket, reads no clock and holds no message. An event
/// goes in with the moment, and what is to be done comes out.
///
///     connection ─> [TLS] ─> greeting ─> EHLO ─> [STARTTLS ─> TLS ─> EHLO] ─> [AUTH] ─> transaction ─> idle ─> …
///
/// A session is begun for a message, whose results it gives with `finished`, whatever happens. Faults of the connection
/// (a greeting of 554, a refused EHLO, no TLS where it must be) are the next hop's and not the message's: they defer.
public struct ClientSession: Sendable {
    public enum Event: Hashable, Sendable {
        /// The transport is there; with `implicit`, TLS is not yet.
        case connected
        case bytes(ByteBuffer)
        /// In the handshake the server asks for a certificate.
        case certificateRequested
        /// It goes out.
        case certificateShown
        /// The handshake is over, and the certificate is what the settings ask for.
        case tlsEstablished
        /// What `prove` asked for; nil if it could not be worked out.
        case proved(SCRAMProof?)
        /// A piece of the content, upon `wantBody`.
        case body(ByteBuffer)
        /// The rest of it: it ends with this piece.
        case lastBody(ByteBuffer)
        case bodyEnded
        /// The content cannot be read on.
        case bodyFailed(reason: String)
        /// Another message for the idle session.
        case next(OutgoingMessage)
        /// There is none: an idle session says QUIT.
        case quit
        /// Some time has passed: the deadline may have come.
        case tick
        /// The transport is gone, or did not come about; with what went wrong in TLS, if that is why.
        case lost(reason: String, tls: TLSFault? = nil)
    }

    public enum Action: Hashable, Sendable {
        case send(ByteBuffer)
        /// From the next octet on, both ways, the connection speaks TLS.
        case startTLS
        /// Work this out with the login's password, which takes a while, and answer with `proved`.
        case prove(SCRAMChallenge)
        /// Give a piece of the content, as soon as the transport takes more.
        case wantBody
        /// A result for each recipient, in the envelope's order.
        case finished([RecipientResult])
        /// The session was begun without a message: whether there could be one.
        case checked(ClientFailure?)
        case close
    }

    enum Phase: Hashable, Sendable {
        /// Without a message it ends before the first transaction.
        case opening(Opening, OutgoingMessage?)
        case authenticating(Authentication, OutgoingMessage?)
        case resetting(OutgoingMessage)
        case transaction(Transaction)
        case idle(needsReset: Bool)
        case quitting
        case closed
    }

    let settings: ClientSettings
    var phase: Phase
    public internal(set) var capabilities = ServerCapabilities()
    /// Whether TLS stands.
    var isSecure = false
    /// By what the client has shown who it is.
    public internal(set) var authentication = AuthenticationOutcome.none
    var isExternalTried = false
    public private(set) var isCertificateRequested = false
    public private(set) var isCertificateShown = false
    /// For the one exchange of AUTH that a connection has.
    let nonce: String
    /// Transactions begun.
    private var transactions = 0
    private var input = ReplyStream()

    /// When something must have happened, on the clock of the events; nil while nothing is awaited.
    public private(set) var deadline: Duration?

    /// - Parameters:
    ///   - message: the first to deliver; without one the session ends where a transaction could begin.
    ///   - nonce: printable ASCII without commas, random for each connection (RFC 5802 §5.1).
    public init(_ settings: ClientSettings, _ message: OutgoingMessage?, nonce: String, at now: Duration) {
        self.settings = settings
        self.nonce = nonce
        // Whoever submits mail does not take any: a server of the same name is the one of this host.
        let opening = Opening(
            hostname: settings.hostname, dialect: settings.dialect, tls: settings.tls,
            mayBeOurselves: settings.submission != nil)
        phase = .opening(opening, message)
        restartTimer(at: now)
    }

    /// Whether `next` may come.
    public var isIdle: Bool { if case .idle = phase { true } else { false } }
    public var isClosed: Bool { phase == .closed }
    /// Whether AUTH is under way, whose lines are for nobody to see.
    var isAuthenticating: Bool { if case .authenticating = phase { true } else { false } }
    /// Whether a TLS handshake runs.
    public var isSecuring: Bool {
        if case .opening(let opening, _) = phase { opening.isSecuring } else { false }
    }

    public mutating func receive(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .connected: open(&actions) { $0.connected() }
        case .bytes(let octets): read(octets, at: now, &actions)
        case .certificateRequested: if isSecuring { isCertificateRequested = true }
        case .certificateShown: if isSecuring { isCertificateShown = true }
        case .tlsEstablished: secured(&actions)
        case .proved(let proof): proved(proof, &actions)
        case .body(let octets): withTransaction { $0.receive(octets, &actions) }
        case .lastBody(let octets): withTransaction { $0.receiveLast(octets, &actions) }
        case .bodyEnded: withTransaction { $0.receiveEnd(&actions) }
        case .bodyFailed(let reason):
            abandon(ClientFailure(code: "4.3.0", text: reason, .contentUnreadable), &actions)
        case .next(let message): begin(message, &actions)
        case .quit: quit(&actions)
        case .tick:
            guard let deadline, now >= deadline else { return [] }
            abandon(.timedOut(step, after: timeout), &actions)
        case .lost(let reason, let fault): lost(reason, fault, &actions)
        }
        // Octets that are no whole reply yet win no time: whoever sends one each minute is silent.
        if case .bytes = event, phase != .closed { return actions }
        restartTimer(at: now)
        return actions
    }

    // MARK: Input

    private mutating func read(_ octets: ByteBuffer, at now: Duration, _ actions: inout [Action]) {
        guard phase != .closed else { return }
        input.append(octets)
        while phase != .closed {
            if isSecuring {
                guard !input.isEmpty else { return }
                return abandon(.behindStartTLS, &actions)
            }
            switch input.next() {
            case .incomplete: return
            case .fault(let fault): return abandon(.fault(step, fault), &actions)
            case .reply(let reply):
                answer(reply, &actions)
                restartTimer(at: now)
                if isSecuring, input.isEmpty { actions.append(.startTLS) }
            }
        }
    }

    private mutating func answer(_ reply: Reply, _ actions: inout [Action]) {
        switch phase {
        case .opening:
            open(&actions) { $0.receive(reply) }
        case .authenticating(let authentication, let message):
            answer(reply, to: authentication, message, &actions)
        case .resetting(let message):
            guard reply.isPositive else { return refuse(reply, &actions) }
            start(message, &actions)
        case .transaction(var transaction):
            let progress = transaction.receive(reply, &actions)
            phase = .transaction(transaction)
            go(on: progress, &actions)
        case .idle, .quitting:
            // In between a server speaks only to say that it goes.
            close(&actions)
        case .closed:
            break
        }
    }

    // MARK: Transactions

    private mutating func begin(_ message: OutgoingMessage, _ actions: inout [Action]) {
        guard case .idle(let needsReset) = phase else { return }
        guard needsReset else { return start(message, &actions) }
        phase = .resetting(message)
        actions.append(.send(ByteBuffer(string: "RSET\r\n")))
    }

    mutating func start(_ message: OutgoingMessage?, _ actions: inout [Action]) {
        guard let message else {
            phase = .idle(needsReset: false)
            actions.append(.checked(nil))
            return quit(&actions)
        }
        if let obstacle = Transaction.obstacle(to: message, in: capabilities) {
            phase = .idle(needsReset: false)
            return actions.append(.finished(message.envelope.recipients.map { _ in .failed(obstacle) }))
        }
        transactions += 1
        var transaction = Transaction(
            message, to: capabilities, dialect: settings.dialect,
            // SUB-190, RFC 4954 §5: whoever we say to be, we do not vouch for the one who has submitted the message.
            disclaims: settings.submission == nil && authentication != .none)
        transaction.advance(&actions)
        phase = .transaction(transaction)
    }

    private mutating func withTransaction(_ change: (inout Transaction) -> Void) {
        guard case .transaction(var transaction) = phase else { return }
        change(&transaction)
        phase = .transaction(transaction)
    }

    private mutating func go(on progress: Transaction.Progress, _ actions: inout [Action]) {
        switch progress {
        case .going:
            break
        case .done(let needsReset):
            guard case .transaction(let transaction) = phase else { return }
            phase = .idle(needsReset: needsReset)
            actions.append(.finished(transaction.results(otherwise: .unanswered)))
            if let limit = capabilities.maximumTransactions, transactions >= limit { quit(&actions) }
        case .broken(let failure):
            abandon(failure, &actions)
        }
    }

    // MARK: The end

    private mutating func quit(_ actions: inout [Action]) {
        guard isIdle else { return }
        phase = .quitting
        actions.append(.send(ByteBuffer(string: "QUIT\r\n")))
    }

    private mutating func lost(_ reason: String, _ fault: TLSFault?, _ actions: inout [Action]) {
        var failure =
            switch phase {
            case .opening(let opening, _): ClientFailure(opening, lost: reason)
            default: ClientFailure.lost(step, reason)
            }
        if let fault { failure.cause = .tls(fault) }
        // Instead of a greeting: a server that speaks TLS at once may say in TLS that it has heard none.
        if step == .greeting, !isSecure, input.isTLS { failure.cause = .tls(.spokenAtOnce) }
        abandon(failure, &actions)
    }

    /// A reply after which this connection is of no use.
    mutating func refuse(_ reply: Reply, _ actions: inout [Action]) {
        abandon(ClientFailure(step, answered: reply, isPermanent: false), &actions)
    }

    /// Closes; whoever waits for a result is deferred.
    mutating func abandon(_ failure: ClientFailure, _ actions: inout [Action]) {
        switch phase {
        case .opening(_, let message), .authenticating(_, let message), .resetting(let message as OutgoingMessage?):
            var failure = failure
            failure.concernsNextHop = true
            finish(message, with: failure, &actions) { .deferred($0) }
        case .transaction(let transaction):
            actions.append(.finished(transaction.results(otherwise: failure)))
        case .idle, .quitting, .closed:
            break
        }
        close(&actions)
    }

    /// One result for all, where there was no transaction.
    func finish(
        _ message: OutgoingMessage?, with failure: ClientFailure, _ actions: inout [Action],
        _ result: (ClientFailure) -> RecipientResult
    ) {
        guard let message else { return actions.append(.checked(failure)) }
        actions.append(.finished(message.envelope.recipients.map { _ in result(failure) }))
    }

    mutating func close(_ actions: inout [Action]) {
        guard phase != .closed else { return }
        phase = .closed
        input.forget()
        actions.append(.close)
    }

    /// TLS begins: what was read before it counts no more.
    mutating func forgetInput() {
        input.forget()
        capabilities = ServerCapabilities()
    }

    // MARK: Time

    private mutating func restartTimer(at now: Duration) {
        switch phase {
        case .idle, .closed: deadline = nil
        case .opening, .authenticating, .resetting, .transaction, .quitting: deadline = now + timeout
        }
    }

    /// What is awaited now.
    private var step: ClientStep {
        switch phase {
        case .opening(let opening, _): opening.step
        case .authenticating: .authentication
        case .resetting: .reset
        case .transaction(let transaction): transaction.step
        case .idle, .quitting, .closed: .quit
        }
    }

    private var timeout: Duration {
        let times = settings.timeouts
        return isSecuring && isCertificateRequested ? times.certificate : times.time(for: step)
    }
}

extension ClientFailure {
    /// For a recipient that a transaction has forgotten, which none does.
    fileprivate static let unanswered = ClientFailure(code: "4.5.0", text: "the transaction ended without an answer")
}
