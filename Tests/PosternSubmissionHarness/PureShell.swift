import NIOCore
import PosternIdentity
package import PosternMail
package import PosternSMTP
package import PosternSubmission
import PosternTestSupport

/// A shell without network, disk and clock: it carries out what a session asks for, in memory and at once, and keeps
/// everything that came out.
package struct PureShell {
    /// A message that was stored: its submission and its octets.
    package struct Message: Equatable, Sendable {
        package let submission: Submission
        package let octets: [UInt8]
    }

    /// How an answer to an action comes.
    package enum Answers: Sendable {
        case atOnce
        /// It is the test that feeds the answer in.
        case held
    }

    package private(set) var session: Session
    package var scenario: Scenario
    package var now = Moment(wall: .testNow, monotonic: .zero)
    package var answers = Answers.atOnce
    package var storage: StorageFailure?
    package var hasMemory = true
    package var hasRoom = true
    package var isUnderStress = false
    package var obstacle: PasswordObstacle?

    /// Everything that was sent and not taken yet.
    package private(set) var sent: [UInt8] = []
    /// All replies, as values.
    package private(set) var replies: [Reply] = []
    package private(set) var events: [SessionEvent] = []
    package private(set) var messages: [Message] = []
    package private(set) var isClosed = false
    package private(set) var wantsTLS = false
    /// Actions that the test is to answer.
    package private(set) var held: [Action] = []
    /// What the session asked for and no shell could do.
    package private(set) var faults: [String] = []

    private let world: World
    private var settings: Settings
    private var snapshot: Snapshot
    private var body: [UInt8]?
    private var count = 0

    /// Whether a message that was opened has its place.
    package var hasBody: Bool { body != nil }

    package init(_ scenario: Scenario) throws {
        world = try World.shared
        self.scenario = scenario
        settings = try scenario.settings
        snapshot = try world.snapshot(scenario.identities)
        session = Session(Connection(id: .test, clientAddress: "192.0.2.7"))
    }

    /// Makes what the scenario says now the newest settings and the newest snapshot.
    package mutating func reload() throws {
        settings = try scenario.settings
        snapshot = try world.snapshot(scenario.identities)
    }

    /// - Returns: the names of all the actions that came of it.
    @discardableResult
    package mutating func receive(_ event: Event) -> [String] {
        var pending = [event]
        var names: [String] = []
        while !pending.isEmpty {
            let surroundings = Surroundings(
                now: now, settings: settings, snapshot: snapshot, hasRoom: hasRoom, isUnderStress: isUnderStress)
            let next = pending.removeFirst()
            for action in session.receive(next, in: surroundings) {
                names.append(action.name)
                perform(action, &pending)
            }
        }
        return names
    }

    package mutating func receive(_ octets: some Sequence<UInt8>) {
        receive(.bytes(ByteBuffer(bytes: octets)))
    }

    package mutating func receive(_ text: String) {
        receive(.bytes(ByteBuffer(string: text)))
    }

    /// The handshake takes place, and shows the scenario's certificate where the listener asks for one.
    package mutating func establishTLS() throws {
        wantsTLS = false
        let isAsked = scenario.listener.policy != .off && !snapshot.trust.isEmpty
        let examination = isAsked ? try world.examination(of: scenario.certificate) : nil
        receive(.tlsEstablished(TLSFacts(version: scenario.tlsVersion, examination: examination)))
    }

    /// Takes what was sent since the last time, as lines without their ends.
    package mutating func takeLines() -> [String] {
        defer { sent = [] }
        var lines = String(decoding: sent, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
            .map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private mutating func perform(_ action: Action, _ pending: inout [Event]) {
        if isClosed, action.isForClient { faults.append("\(action.name) after close") }
        switch action {
        case .send(let reply, _): send(reply)
        case .startTLS: wantsTLS = true
        case .checkPassword(let attempt):
            let event = obstacle.map { Event.passwordNotChecked($0) } ?? .passwordChecked(attempt.run())
            answer(action, event, &pending)
        case .openBody: openBody(action, &pending)
        case .writeBody(let octets):
            if body == nil { faults.append("writeBody without a body") }
            octets.withUnsafeReadableBytes { body?.append(contentsOf: $0) }
        case .discardBody:
            // A client that goes while a message is being opened leaves it open whether it is or not.
            if body == nil, !session.isClosed { faults.append("discardBody without a body") }
            body = nil
        case .store(let submission): store(submission, action, &pending)
        case .log(let event): events.append(event)
        case .close: isClosed = true
        }
    }

    private mutating func answer(_ action: Action, _ event: Event, _ pending: inout [Event]) {
        switch answers {
        case .atOnce: pending.append(event)
        case .held: held.append(action)
        }
    }

    private mutating func send(_ reply: Reply) {
        replies.append(reply)
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        buffer.withUnsafeReadableBytes { sent.append(contentsOf: $0) }
    }

    private mutating func openBody(_ action: Action, _ pending: inout [Event]) {
        if body != nil { faults.append("openBody while a body is open") }
        guard hasMemory else { return answer(action, .bodyRefused, &pending) }
        body = []
        count += 1
        answer(action, .bodyOpened(.test(count)), &pending)
    }

    private mutating func store(_ submission: Submission, _ action: Action, _ pending: inout [Event]) {
        guard let octets = body else { return faults.append("store without a body") }
        body = nil
        if octets.count != submission.size { faults.append("size \(submission.size), octets \(octets.count)") }
        if let storage { return answer(action, .notStored(storage), &pending) }
        messages.append(Message(submission: submission, octets: octets))
        answer(action, .stored, &pending)
    }
}

extension SessionID {
    /// `sess000001`.
    static let test = SessionID(
        random: "sess000001".utf8.reduce(0) { $0 << 5 | UInt64(digits.firstIndex(of: $1) ?? 0) })

    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
}

extension QueueID {
    /// `MESSAGE0000000000001` is the first.
    package static func test(_ number: Int) -> QueueID {
        let digits = String(number)
        let text = "MESSAGE" + String(repeating: "0", count: max(0, 13 - digits.utf8.count)) + digits
        return QueueID(text) ?? QueueID(time: .testNow, random: UInt64(number))
    }
}

extension Action {
    /// Whether the client would see it.
    var isForClient: Bool {
        switch self {
        case .send, .startTLS, .close: true
        case .checkPassword, .openBody, .writeBody, .discardBody, .store, .log: false
        }
    }

    /// The case's name, without what it carries.
    package var name: String {
        switch self {
        case .send: "send"
        case .startTLS: "startTLS"
        case .checkPassword: "checkPassword"
        case .openBody: "openBody"
        case .writeBody: "writeBody"
        case .discardBody: "discardBody"
        case .store: "store"
        case .log: "log"
        case .close: "close"
        }
    }
}
