import NIOCore
import PosternMail
import Testing

@testable import PosternProbe

/// A dialogue between one step of the probe and a scripted server, read line by line:
///
///     S: 250 ok        the server's line
///     C: MAIL FROM:<>  what the step must say next
///     TLS              the step must begin TLS, which succeeds
///     ASK              the server asks for a certificate meanwhile, and is shown the step's
///     LOST words       the connection breaks
///     WAIT 45          so many seconds pass
///     CLOSE            the step must close
struct StepDialogue {
    private var session: StepSession
    private var now = Duration.zero
    private var sent: [String] = []
    private var actions: [StepSession.Action] = []

    /// - Returns: what the step has observed.
    @discardableResult
    static func play(
        _ step: ProbeStep, _ text: String, security: ProbeTarget.Security = .implicit,
        question: ProbeQuestion = .sample(), at location: SourceLocation = #_sourceLocation
    ) -> Observation {
        var dialogue = StepDialogue(step, security, question)
        for line in text.split(separator: "\n") { dialogue.step(String(line), location) }
        #expect(dialogue.sent == [], "nothing more is said", sourceLocation: location)
        #expect(dialogue.actions == [], "nothing more is done", sourceLocation: location)
        return dialogue.session.observation
    }

    private init(_ step: ProbeStep, _ security: ProbeTarget.Security, _ question: ProbeQuestion) {
        let target = ProbeTarget(host: "mx.example", port: security == .implicit ? 465 : 587, security: security)
        session = StepSession(step, of: target, question, at: now)
        run(.connected)
    }

    private mutating func step(_ line: String, _ location: SourceLocation) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "S:": run(.bytes(ByteBuffer(string: rest + "\r\n")))
        case "C:":
            #expect(sent.first == rest, sourceLocation: location)
            if !sent.isEmpty { sent.removeFirst() }
        case "TLS":
            take(.startTLS, line, location)
            run(.tlsEstablished("TLS 1.3"))
        case "ASK":
            take(.startTLS, line, location)
            run(.certificateRequested(isShown: session.observation.step.certificate != .none))
            run(.tlsEstablished("TLS 1.3"))
        case "LOST": run(.lost(reason: rest))
        case "WAIT":
            now += .seconds(Int64(rest) ?? 0)
            run(.tick)
        case "CLOSE": take(.close, line, location)
        default: Issue.record("no line of a dialogue: \(line)", sourceLocation: location)
        }
    }

    private mutating func take(_ action: StepSession.Action, _ line: String, _ location: SourceLocation) {
        #expect(actions.first == action, "\(line)", sourceLocation: location)
        if !actions.isEmpty { actions.removeFirst() }
    }

    private mutating func run(_ event: StepSession.Event) {
        for action in session.receive(event, at: now) {
            guard case .send(let octets) = action else {
                actions.append(action)
                continue
            }
            sent += String(buffer: octets).split(separator: "\r\n", omittingEmptySubsequences: false).dropLast()
                .map(String.init)
        }
    }
}

extension ProbeQuestion {
    static func sample(
        hasRecipient: Bool = true, hasCertificate: Bool = true, isExtended: Bool = false
    ) -> ProbeQuestion {
        guard let sender = Mailbox("alice@example.org"), let recipient = Mailbox("alice@elsewhere.example") else {
            preconditionFailure("both are mailboxes")
        }
        var question = ProbeQuestion(
            sender: sender, recipient: hasRecipient ? recipient : nil, hostname: "client.example",
            certificate: hasCertificate ? OwnCertificate(commonName: "alice", issuers: ["CN=Example CA"]) : nil)
        question.isExtended = isExtended
        return question
    }
}

extension Timestamp {
    /// When the samples were asked: 2026-11-25.
    static let probed = Timestamp(seconds: 1_795_564_800)
}
