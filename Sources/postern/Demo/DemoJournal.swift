import PosternDelivery
import PosternMail
import PosternServer
import PosternSubmission
import Synchronization

/// What the demo tells the person in front of it: for each accepted message one line, when all of its recipients are
/// delivered; and what was refused.
final class DemoJournal: ServerObserver, Sendable {
    private struct State {
        /// Accepted messages on their way, with what is known so far.
        var messages: [QueueID: Progress] = [:]
        /// The ports of the listeners that listen, by their names.
        var ports: [String: Int] = [:]
    }

    private struct Progress {
        /// Nil while the delivery was faster than the news of the acceptance.
        var submission: Submission?
        var places: [String] = []
    }

    private let state = Mutex(State())
    private let listenerCount: Int
    /// Messages from before are those of an earlier run: nobody tells of their acceptance any more.
    private let start: Timestamp
    private let say: @Sendable (String) -> Void
    private let listening: @Sendable ([String: Int]) -> Void

    /// - Parameters:
    ///   - listenerCount: after so many listeners `listening` is called, once, with their ports by name.
    ///   - say: writes a line.
    init(
        listenerCount: Int, start: Timestamp, say: @escaping @Sendable (String) -> Void,
        listening: @escaping @Sendable ([String: Int]) -> Void
    ) {
        self.listenerCount = listenerCount
        self.start = start
        self.say = say
        self.listening = listening
    }

    func record(_ event: SessionEvent, of connection: PosternSubmission.Connection, on listener: String) {
        switch event {
        case .accepted(let submission): update(submission.id) { $0.submission = submission }
        case .refused(let verb, let reply):
            let what = verb.map { "\($0.rawValue) refused" } ?? "refused"
            say("\(listener): \(what): \(reply.code) \(SafeText.escape(reply.lines.joined(separator: " ")))")
        case .secured, .handshakeTimedOut, .authenticated, .authenticationRefused, .octetsBehindStartTLS,
            .tlsOnClearPort, .anotherProtocol, .clientFault, .closedByClient, .cutOff:
            break
        }
    }

    func record(_ condition: ServerCondition) {
        switch condition {
        case .noRoom: say("the disk is nearly full: no mail is taken until there is room again")
        case .roomAgain: say("there is room on the disk again")
        case .stress, .stressEnded, .failedLogins, .failedLoginsEnded: break
        }
    }

    func record(_ event: ServerEvent, of connection: PosternSubmission.Connection?, on listener: String) {
        switch event {
        case .listening(_, let port):
            let ports = state.withLock { state in
                state.ports[listener] = port
                return state.ports
            }
            if ports.count == listenerCount { listening(ports) }
        case .handshakeFailed(let reason), .connectionFailed(let reason):
            say("\(listener): the connection failed: \(SafeText.escape(reason))")
        case .plainTextOnTLSPort: say("\(listener): plain text came where TLS begins at once")
        case .certificateAborted: say("\(listener): the handshake was refused for the client's certificate")
        case .tooManyConnections: say("\(listener): too many connections")
        case .passwordSpraying(let names): say("\(listener): wrong passwords for \(names) names from one address")
        case .connected, .disconnected: break
        }
    }

    func record(_ event: DeliveryEvent) {
        let recipient = event.recipient.description
        switch event.outcome {
        case .delivered(let place, _):
            let news = "\(recipient) -> \(place)"
            guard event.message.received >= start else {
                return say("\(event.message.id) from an earlier run: \(news)")
            }
            update(event.message.id) { $0.places.append(news) }
        case .deferred(let moment, let failure, _), .postponed(let moment, let failure, _):
            say("\(event.message.id): \(recipient) waits until \(CalendarDate(moment)): \(failure)")
        case .failed(let failure, _):
            say("\(event.message.id): \(recipient) cannot be reached: \(failure)")
        }
    }

    private func update(_ id: QueueID, _ change: (inout Progress) -> Void) {
        let finished: (Submission, [String])? = state.withLock { state in
            var progress = state.messages[id] ?? Progress()
            change(&progress)
            guard let submission = progress.submission, progress.places.count == submission.envelope.recipients.count
            else {
                state.messages[id] = progress
                return nil
            }
            state.messages[id] = nil
            return (submission, progress.places)
        }
        guard let (submission, places) = finished else { return }
        let way = submission.sequence.words
        say("\(submission.account) \(way), \(submission.id): \(places.joined(separator: ", "))")
    }
}

extension Submission.Sequence {
    fileprivate var words: String {
        switch self {
        case .external: "by sequence A (AUTH EXTERNAL)"
        case .implicit: "by sequence B (MAIL on the certificate)"
        case .password: "by password"
        }
    }
}
