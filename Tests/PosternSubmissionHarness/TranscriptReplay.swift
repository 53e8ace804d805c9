import PosternMail
import PosternSMTP
import PosternSubmission

/// Plays a transcript's client against a session, in any pieces, and writes down what comes back.
package struct TranscriptReplay {
    /// What came back, a place for each segment.
    package struct Result: Equatable, Sendable {
        package var replies: [[String]] = []
        package var messages: [[Transcript.ExpectedMessage]] = []
        /// What no session may do.
        package var faults: [String] = []
    }

    private let transcript: Transcript
    private var shell: PureShell
    private var result = Result()
    private var offset = 0

    /// - Parameter cuts: where the client's octets, counted through the whole transcript, are cut into pieces; nil for a
    ///   piece an octet.
    package static func play(_ transcript: Transcript, under scenario: Scenario, cuts: [Int]?) throws -> Result {
        var replay = TranscriptReplay(transcript: transcript, shell: try PureShell(scenario))
        for segment in transcript.segments { try replay.play(segment, cuts) }
        replay.result.faults = replay.shell.faults
        return replay.result
    }

    private mutating func play(_ segment: Transcript.Segment, _ cuts: [Int]?) throws {
        let (before, seen) = (shell.messages.count, shell.isClosed)
        try happen(segment.happening)
        let octets = segment.octets
        var start = 0
        let ends = cuts.map {
            $0.map { $0 - offset }.filter { (1..<max(1, octets.count)).contains($0) } + [octets.count]
        }
        for end in ends ?? Array(stride(from: 1, through: octets.count, by: 1)) where end > start {
            // A connection that is closed brings nothing more.
            if !shell.isClosed { shell.receive(octets[start..<end]) }
            start = end
        }
        offset += octets.count
        result.replies.append(shell.takeLines() + (shell.isClosed && !seen ? ["[closed]"] : []))
        result.messages.append(shell.messages.dropFirst(before).map { Transcript.ExpectedMessage($0) })
    }

    private mutating func happen(_ happening: Happening) throws {
        switch happening {
        case .connect: shell.receive(.connected)
        case .tls: try shell.establishTLS()
        case .open: try open()
        case .wait(let seconds):
            shell.now.wall = shell.now.wall + .seconds(seconds)
            shell.now.monotonic += .seconds(seconds)
            shell.receive(.tick)
        case .date(let days): shell.now.wall = shell.now.wall + .seconds(days * 86_400)
        case .drain: shell.receive(.drain)
        case .clientCloses: shell.receive(.closed)
        case .storage(let failure): shell.storage = failure
        case .passwords(let obstacle): shell.obstacle = obstacle
        case .memory(let isFree): shell.hasMemory = isFree
        case .stress(let begins):
            shell.isUnderStress = begins
            shell.receive(.tick)
        case .room(let isThere): shell.hasRoom = isThere
        case .version(let version): shell.scenario.tlsVersion = version
        case .disable(let account): try change { $0.identities.disabled.insert(account) }
        case .remove(let account): try change { $0.identities.removed.insert(account) }
        case .revoke(let certificate): try change { $0.identities.revoked.insert(certificate) }
        case .lists(let lists): try change { $0.identities.lists = lists }
        case .move(let address, let account): try change { $0.identities.moved[address] = account }
        }
    }

    private mutating func change(_ adjust: (inout Scenario) -> Void) throws {
        adjust(&shell.scenario)
        try shell.reload()
    }

    /// Up to the end of the handshake, and of the greeting on a listener that greets then.
    private mutating func open() throws {
        shell.receive(.connected)
        if shell.scenario.listener.tls == .startTLS {
            shell.receive("EHLO client.example.org\r\nSTARTTLS\r\n")
            guard shell.wantsTLS else { return result.faults.append("no handshake after STARTTLS") }
        }
        try shell.establishTLS()
        let last = shell.takeLines().last ?? ""
        if !last.hasPrefix("220 ") { result.faults.append("no 220: \(last)") }
    }

    /// Octets as a transcript shows them.
    static func visible(_ octet: UInt8) -> String {
        switch octet {
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x20...0x7E: String(UnicodeScalar(octet))
        default: "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }
    }
}

extension Transcript {
    /// What the transcript's server says.
    package var expected: TranscriptReplay.Result {
        TranscriptReplay.Result(replies: segments.map(\.replies), messages: segments.map(\.messages))
    }

    /// How many octets the client sends.
    package var length: Int { segments.reduce(0) { $0 + $1.octets.count } }
}

extension Transcript.ExpectedMessage {
    init(_ message: PureShell.Message) {
        let submission = message.submission
        let envelope = submission.envelope
        let recipients = envelope.recipients.map(Self.words).joined(separator: ", ")
        let body = envelope.body == .eightBit ? " 8BITMIME" : ""
        let wishes =
            (envelope.returnedContent.map { " RET=\($0.rawValue)" } ?? "")
            + (envelope.id.map { " ENVID=\($0.xtext)" } ?? "")
        summary =
            "\(envelope.reversePath) for \(recipients) by \(submission.account)"
            + " (\(submission.sequence.rawValue))\(body)\(wishes)"
        var lines: [String] = []
        var rest = message.octets[...]
        while let end = rest.firstRange(of: [0x0D, 0x0A]) {
            lines.append(rest[..<end.lowerBound].map(TranscriptReplay.visible).joined())
            rest = rest[end.upperBound...]
        }
        if !rest.isEmpty { lines.append(rest.map(TranscriptReplay.visible).joined() + "[no line end]") }
        self.lines = lines
    }

    /// A recipient with what the client said of it.
    private static func words(_ recipient: Recipient) -> String {
        "\(recipient.mailbox)" + (recipient.notify.map { " NOTIFY=\($0)" } ?? "")
            + (recipient.originalRecipient.map { " ORCPT=\($0.parameter)" } ?? "")
    }
}
