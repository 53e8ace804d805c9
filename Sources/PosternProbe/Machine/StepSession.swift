public import NIOCore
import PosternConnection
import PosternSMTP

/// One step of the probe, as a pure machine: the opening that every client of ours has, then what the step says, RSET where
/// a transaction was begun, and QUIT.
public struct StepSession: Sendable {
    public enum Event: Hashable, Sendable {
        case connected
        case bytes(ByteBuffer)
        /// The server has asked for a certificate; whether one was shown.
        case certificateRequested(isShown: Bool)
        /// The authorities that such a request names.
        case authorities([String])
        case serverCertificate(ServerCertificate)
        /// With its version.
        case tlsEstablished(String)
        /// Some time has passed: the deadline may have come.
        case tick
        case lost(reason: String)
    }

    public enum Action: Hashable, Sendable {
        case send(ByteBuffer)
        case startTLS
        case close
    }

    private enum Phase: Hashable, Sendable {
        case opening(Opening)
        /// Commands whose reply is due, first the one that is answered next, and those that were not said yet.
        case commands(awaited: [ProbeCommand], unsaid: [ProbeCommand])
        case closed
    }

    private let question: ProbeQuestion
    private let target: ProbeTarget
    private let timeouts: ClientTimeouts
    private var phase: Phase
    private var input = ReplyStream()
    /// How often the AUTH that is awaited was answered 334.
    private var challenges = 0
    /// When it is over, whatever happens: who answers each command as late as possible does not hold us for an hour.
    private let end: Duration
    public private(set) var observation: Observation
    /// When something must have happened, on the clock of the events; nil when it is over.
    public private(set) var deadline: Duration?

    public init(_ step: ProbeStep, of target: ProbeTarget, _ question: ProbeQuestion, at now: Duration) {
        self.question = question
        self.target = target
        timeouts = .probe
        observation = Observation(step)
        phase = .opening(Opening(hostname: question.hostname, tls: step.tls(at: target), mayBeOurselves: true))
        deadline = now + timeouts.connection
        end = now + Self.limit
    }

    /// How long a step may take.
    static let limit = Duration.seconds(180)

    public var isClosed: Bool { phase == .closed }
    public var isSecuring: Bool { if case .opening(let opening) = phase { opening.isSecuring } else { false } }

    public mutating func receive(_ event: Event, at now: Duration) -> [Action] {
        guard !isClosed else { return [] }
        var actions: [Action] = []
        switch event {
        case .connected:
            observation.isConnected = true
            open(&actions) { $0.connected() }
        case .bytes(let octets): read(octets, at: now, &actions)
        case .certificateRequested(let isShown):
            observation.isCertificateRequested = true
            observation.isCertificateShown = isShown
            observation.note(.event, "the server asks for a certificate\(isShown ? ", which is shown" : "")")
        case .authorities(let names): observation.authorities = names
        case .serverCertificate(let certificate): observation.serverCertificate = certificate
        case .tlsEstablished(let version): secured(version, &actions)
        case .tick:
            guard let deadline, now >= deadline else { return [] }
            fail(now >= end ? .tooSlow(step, Self.limit) : .timedOut(step, after: timeout), &actions)
        case .lost(let reason): lost(reason, &actions)
        }
        // Octets that are no whole reply yet win no time.
        if case .bytes = event, !isClosed { return actions }
        restartTimer(at: now)
        return actions
    }

    // MARK: Input

    private mutating func read(_ octets: ByteBuffer, at now: Duration, _ actions: inout [Action]) {
        input.append(octets)
        while !isClosed {
            if isSecuring {
                guard !input.isEmpty else { return }
                return fail(.behindStartTLS, &actions)
            }
            switch input.next() {
            case .incomplete: return
            case .fault(let fault): return fail(.fault(step, fault), &actions)
            case .reply(let reply):
                observation.note(.server, reply.summary)
                answer(reply, &actions)
                restartTimer(at: now)
                if isSecuring, input.isEmpty { actions.append(.startTLS) }
                if isAnsweredUnasked { return fail(.unasked(step), &actions) }
            }
        }
    }

    /// Whether the next command has an answer already, before it was said: from here on no reply is known to be one's own.
    /// Whoever is to hear QUIT alone may say 421 first.
    private var isAnsweredUnasked: Bool {
        guard !input.isEmpty, !isSecuring else { return false }
        return switch phase {
        case .opening: true
        case .commands(let awaited, _): awaited != [.quit] && !isPipelined
        case .closed: false
        }
    }

    private mutating func answer(_ reply: Reply, _ actions: inout [Action]) {
        switch phase {
        case .opening:
            open(&actions) { $0.receive(reply) }
        case .commands(var awaited, let unsaid):
            guard let command = awaited.first else { return refuse(reply, &actions) }
            if reply.code == 334, command.isAuthentication { return challenged(reply, command, &actions) }
            challenges = 0
            awaited.removeFirst()
            phase = .commands(awaited: awaited, unsaid: unsaid)
            take(reply, to: command, &actions)
        case .closed:
            break
        }
    }

    /// RFC 4422 §A: EXTERNAL has one message of ours. Who wants another is told that we give up (RFC 4954 §4), and who wants
    /// still one more is left.
    private mutating func challenged(_ reply: Reply, _ command: ProbeCommand, _ actions: inout [Action]) {
        challenges += 1
        switch challenges {
        case 1: say(command.response, &actions)
        case 2: say("*", &actions)
        default:
            observation.answers.append(Observation.Answer(command: command, reply: reply))
            refuse(reply, at: command.step, &actions)
        }
    }

    private mutating func take(_ reply: Reply, to command: ProbeCommand, _ actions: inout [Action]) {
        guard command != .quit else { return close(&actions) }
        observation.answers.append(Observation.Answer(command: command, reply: reply))
        // RFC 5321 §3.8: 421 closes, whatever it answers.
        guard reply.code != 421 else { return refuse(reply, at: command.step, &actions) }
        goOn(&actions)
    }

    // MARK: The opening

    private mutating func secured(_ version: String, _ actions: inout [Action]) {
        guard isSecuring else { return }
        observation.tls = version
        observation.note(.event, version)
        input.forget()
        open(&actions) { $0.secured() }
    }

    private mutating func open(_ actions: inout [Action], _ event: (inout Opening) -> Opening.Progress) {
        guard case .opening(var opening) = phase else { return }
        let wasSecure = opening.isSecure
        let progress = event(&opening)
        phase = .opening(opening)
        switch progress {
        case .wait, .ourselves: break
        case .say(let line):
            if !wasSecure, line == "STARTTLS" { observation.clear = opening.capabilities }
            say(line, &actions)
        case .startTLS: if target.security == .implicit { actions.append(.startTLS) }
        case .open(let capabilities): begin(capabilities, isSecure: opening.isSecure, &actions)
        case .refused(let reply): refuse(reply, at: opening.step, &actions)
        case .failed(let failure):
            observation.clear = opening.capabilities
            fail(failure, &actions)
        }
    }

    private mutating func begin(_ capabilities: ServerCapabilities, isSecure: Bool, _ actions: inout [Action]) {
        if isSecure { observation.capabilities = capabilities } else { observation.clear = capabilities }
        let script = observation.step.script + [.quit]
        // Nothing is tried that is not offered, unless that is asked for.
        let isPossible =
            !script.contains { $0.isAuthentication } || observation.listsExternal || question.triesUnlisted
        phase = .commands(awaited: [], unsaid: isPossible ? script : [.quit])
        goOn(&actions)
    }

    // MARK: Commands

    /// Says the next of the step's commands that still has a meaning.
    private mutating func goOn(_ actions: inout [Action]) {
        guard case .commands(var awaited, var unsaid) = phase, awaited.isEmpty else { return }
        while !unsaid.isEmpty {
            let command = unsaid.removeFirst()
            guard isMeant(command), let line = command.line(question) else { continue }
            awaited.append(command)
            phase = .commands(awaited: awaited, unsaid: unsaid)
            say(line, &actions)
            // Of what goes out in one piece all but QUIT is said before the first answer.
            guard isPipelined, let next = unsaid.first, next == .mail else { return }
        }
    }

    private var isPipelined: Bool {
        observation.step.isPipelined && observation.capabilities?.offersPipelining == true
    }

    /// Whether a command has a meaning after what was answered so far.
    private func isMeant(_ command: ProbeCommand) -> Bool {
        switch command {
        case .quit: true
        case .reset, .recipient: observation.isMailTaken
        // One failed AUTH a connection: behind it none is said.
        case .authenticate: !observation.hasFailedAuthentication && !observation.isAuthenticated
        case .authenticateAgain: observation.isAuthenticated
        case .mail, .foreignMail: !observation.hasFailedAuthentication
        }
    }

    private mutating func say(_ line: String, _ actions: inout [Action]) {
        observation.note(.client, line)
        actions.append(.send(ByteBuffer(string: "\(line)\r\n")))
    }

    // MARK: The end

    private mutating func refuse(_ reply: Reply, at step: ClientStep? = nil, _ actions: inout [Action]) {
        observation.end = .refused(at: step ?? self.step, reply)
        close(&actions)
    }

    private mutating func lost(_ reason: String, _ actions: inout [Action]) {
        if case .opening(let opening) = phase { return fail(ClientFailure(opening, lost: reason), &actions) }
        // Many close instead of answering QUIT.
        if case .commands(let awaited, _) = phase, awaited == [.quit] { return close(&actions) }
        fail(.lost(step, reason), &actions)
    }

    private mutating func fail(_ failure: ClientFailure, _ actions: inout [Action]) {
        observation.note(.event, failure.text)
        observation.end = .failed(at: step, failure)
        close(&actions)
    }

    private mutating func close(_ actions: inout [Action]) {
        phase = .closed
        input.forget()
        actions.append(.close)
    }

    // MARK: Time

    private mutating func restartTimer(at now: Duration) {
        deadline = isClosed ? nil : min(now + timeout, end)
    }

    private var step: ClientStep {
        switch phase {
        case .opening(let opening): opening.step
        case .commands(let awaited, _): awaited.first?.step ?? .quit
        case .closed: .quit
        }
    }

    private var timeout: Duration {
        switch step {
        case .connection: timeouts.connection
        case .handshake: timeouts.handshake
        case .quit: timeouts.quit
        default: timeouts.hello
        }
    }
}

extension ProbeCommand {
    /// What 334 is answered with.
    fileprivate var response: String { if case .authenticate(let form) = self { form.response } else { "" } }

    fileprivate var step: ClientStep {
        switch self {
        case .authenticate, .authenticateAgain: .authentication
        case .mail, .foreignMail: .mail
        case .recipient: .recipient
        case .reset: .reset
        case .quit: .quit
        }
    }
}

extension ProbeStep {
    fileprivate func tls(at target: ProbeTarget) -> ClientTLS {
        guard self != .clear else { return .none }
        return target.security == .implicit ? .implicit : .verify
    }
}

extension ClientFailure {
    fileprivate static func unasked(_ step: ClientStep) -> ClientFailure {
        ClientFailure(code: "4.5.0", text: "\(step) was answered before it was said")
    }

    fileprivate static func tooSlow(_ step: ClientStep, _ limit: Duration) -> ClientFailure {
        ClientFailure(
            code: "4.4.2", text: "\(step): not over within \(limit.components.seconds) s, though the server answers")
    }
}

extension ClientTimeouts {
    /// Patient with servers that delay who failed before: Dovecot does so for up to fifteen seconds.
    static let probe: ClientTimeouts = {
        var timeouts = ClientTimeouts()
        timeouts.connection = .seconds(15)
        timeouts.handshake = .seconds(30)
        timeouts.hello = .seconds(45)
        return timeouts
    }()
}
