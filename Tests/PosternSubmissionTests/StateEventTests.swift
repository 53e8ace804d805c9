import NIOCore
import PosternIdentity
import PosternMail
import PosternSubmission
import PosternSubmissionHarness
import Testing

/// Every state of a session with every event: what it asks of its shell, and that an answer nobody waits for changes
/// nothing.
@Suite("States and events")
struct StateEventTests {
    enum Stage: String, CaseIterable {
        case opening, handshakeFirst, handshakeAfterSTARTTLS, clear, secure, transaction, authenticating
        case checkingPassword, openingBody, receiving, refusing, storing, storingForNobody, swallowing, closed
        case openingFirstChunk, chunk, betweenChunks, afterRefusedChunk
    }

    enum Happening: String, CaseIterable {
        case connected, bytes, handshake, verdict, busy, bodyOpened, bodyRefused, stored, notStored, tick, lateTick
        case drain, closed, cutOff
    }

    /// The actions, in the order of `Happening`. `.`: none, and nothing has changed. `~`: none yet, and it is remembered.
    private static let table: [Stage: String] = [
        .opening: "send | ~ | . | . | . | . | . | . | . | . | . | close | log close | log close",
        .handshakeFirst:
            ". | log close | log send | . | . | . | . | . | . | . | log close | close | log close | log close",
        .handshakeAfterSTARTTLS:
            ". | log close | log | . | . | . | . | . | . | . | log close | close | log close | log close",
        .clear: ". | send | . | . | . | . | . | . | . | . | log send close | log send close | log close | log close",
        .secure: ". | send | . | . | . | . | . | . | . | . | log send close | log send close | log close | log close",
        .transaction: ". | send | . | . | . | . | . | . | . | . | log send close | ~ | log close | log close",
        // NOOP is BASE64, and no credentials.
        .authenticating:
            ". | log log send | . | . | . | . | . | . | . | . | log send close | log send close | log close | log close",
        .checkingPassword: ". | ~ | . | log send | log send | . | . | . | . | . | . | ~ | log close | log close",
        .openingBody:
            ". | ~ | . | . | . | send | log send | . | . | . | . | ~ | discardBody log close | discardBody log close",
        .receiving:
            ". | ~ | . | . | . | . | . | . | . | . | discardBody log send close | ~ | discardBody log close | discardBody log close",
        // Its body was discarded when it was refused, and is not once more.
        .refusing: ". | ~ | . | . | . | . | . | . | . | . | log send close | ~ | log close | log close",
        .storing: ". | ~ | . | . | . | . | . | log send | log send | . | . | ~ | log close | log close",
        .storingForNobody: ". | . | . | . | . | . | . | log | ~ | . | . | . | . | .",
        .swallowing: ". | ~ | . | . | . | . | . | . | . | . | log send close | ~ | log close | log close",
        // Whatever the answer is, the chunk's octets are awaited; NOOP is some of them.
        .openingFirstChunk:
            ". | ~ | . | . | . | ~ | ~ | . | . | . | . | ~ | discardBody log close | discardBody log close",
        .chunk:
            ". | ~ | . | . | . | . | . | . | . | . | discardBody log send close | ~ | discardBody log close | discardBody log close",
        .betweenChunks:
            ". | send | . | . | . | . | . | . | . | . | discardBody log send close | ~ | discardBody log close | discardBody log close",
        .afterRefusedChunk:
            ". | send | . | . | . | . | . | . | . | . | log send close | log send close | log close | log close",
        .closed: ". | . | . | . | . | . | . | . | . | . | . | . | . | .",
    ]

    @Test(
        "Each event in each state leads to the actions of the table, and a late answer to none",
        arguments: Stage.allCases)
    func actions(_ stage: Stage) throws {
        let row = try #require(Self.table[stage]).split(separator: "|").map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(row.count == Happening.allCases.count)
        for (happening, expected) in zip(Happening.allCases, row) {
            var shell = try Self.shell(in: stage)
            let untouched = shell
            let names = try Self.feed(happening, to: &shell)
            let isSilent = expected == ["."] || expected == ["~"]
            #expect(names == (isSilent ? [] : expected), "\(stage.rawValue), \(happening.rawValue)")
            if expected == ["."] {
                shell.now = untouched.now
                #expect(
                    try Self.future(of: shell) == Self.future(of: untouched), "\(stage.rawValue), \(happening.rawValue)"
                )
            }
        }
    }

    @Test("Time in which nothing was read from the client, since the disk was behind, does not count as its silence")
    func caughtUp() throws {
        var shell = try Self.shell(in: .receiving)
        shell.now.monotonic = .seconds(400)
        #expect(shell.receive(.caughtUp) == [])
        #expect(shell.session.deadline == .seconds(700))
        #expect(shell.receive(.tick) == [])
        shell.now.monotonic = .seconds(700)
        #expect(shell.receive(.tick) == ["discardBody", "log", "send", "close"])
        #expect(shell.replies.last?.code == 421)
    }

    @Test("A message that is refused while it comes is discarded there and then, and answered at its end")
    func refusedEarly() throws {
        var shell = try Self.shell(in: .receiving)
        #expect(shell.receive(.bytes(ByteBuffer(string: "Subject: x\r\n\r\ntext\r\n"))) == ["writeBody", "writeBody"])
        #expect(shell.receive(.bytes(ByteBuffer(string: "a lone\nLF\r\n"))) == ["discardBody"])
        #expect(shell.receive(.bytes(ByteBuffer(string: "another\nLF\r\n"))) == [])
        #expect(shell.receive(.bytes(ByteBuffer(string: ".\r\n"))) == ["log", "send"])
        #expect(shell.replies.last?.code == 554)
    }

    @Test("What a shell asks of a session is true of each state", arguments: Stage.allCases)
    func questions(_ stage: Stage) throws {
        let session = try Self.shell(in: stage).session
        #expect(session.isWaiting == [.checkingPassword, .openingBody, .openingFirstChunk, .storing].contains(stage))
        #expect(session.isClosed == [.closed, .storingForNobody].contains(stage))
        #expect(session.isSecuring == [.handshakeFirst, .handshakeAfterSTARTTLS].contains(stage))
        let deadline: Duration?
        switch stage {
        case .opening, .checkingPassword, .openingBody, .openingFirstChunk, .storing, .storingForNobody, .closed:
            deadline = nil
        case .handshakeFirst, .handshakeAfterSTARTTLS: deadline = .seconds(15)
        default: deadline = .seconds(300)
        }
        #expect(session.deadline == deadline)
    }

    /// A session in this state. Answers are the test's to give.
    private static func shell(in stage: Stage) throws -> PureShell {
        let listener: TLSMode = [.handshakeFirst].contains(stage) ? .implicit : .startTLS
        var scenario = Scenario(.both, listener, .alice)
        // How fast a message must come is the matter of transcripts.
        scenario.limits.dataRate = 0
        var shell = try PureShell(scenario)
        shell.answers = .held
        guard stage != .opening else { return shell }
        shell.receive(.connected)
        guard stage != .clear, stage != .handshakeFirst else { return shell }
        shell.receive("EHLO client.example.org\r\nSTARTTLS\r\n")
        guard stage != .handshakeAfterSTARTTLS else { return shell }
        try shell.establishTLS()
        shell.receive("EHLO client.example.org\r\n")
        let transaction = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<friend@example.net>\r\n"
        switch stage {
        case .opening, .clear, .handshakeFirst, .handshakeAfterSTARTTLS, .secure: break
        case .transaction: shell.receive(transaction)
        case .authenticating: shell.receive("AUTH PLAIN\r\n")
        case .checkingPassword: shell.receive("AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\r\n")
        case .openingBody: shell.receive(transaction + "DATA\r\n")
        case .receiving: openBody(&shell, transaction)
        case .refusing:
            openBody(&shell, transaction)
            shell.receive("a lone\nLF\r\n")
        case .storing: store(&shell, transaction)
        case .storingForNobody:
            store(&shell, transaction)
            shell.receive(.closed)
        case .swallowing: shell.receive("BDAT 100\r\n")
        case .openingFirstChunk: shell.receive(transaction + "BDAT 12\r\n")
        case .chunk:
            shell.receive(transaction + "BDAT 100\r\n")
            shell.receive(.bodyOpened(.test(1)))
        case .betweenChunks:
            shell.receive(transaction + "BDAT 12\r\nSubject: x\r\n")
            shell.receive(.bodyOpened(.test(1)))
        case .afterRefusedChunk: shell.receive("MAIL FROM:<alice@example.org>\r\nBDAT 0\r\n")
        case .closed: shell.receive("QUIT\r\n")
        }
        return shell
    }

    private static func openBody(_ shell: inout PureShell, _ transaction: String) {
        shell.receive(transaction + "DATA\r\n")
        shell.receive(.bodyOpened(.test(1)))
    }

    private static func store(_ shell: inout PureShell, _ transaction: String) {
        openBody(&shell, transaction)
        shell.receive("Subject: x\r\n.\r\n")
    }

    private static func feed(_ happening: Happening, to shell: inout PureShell) throws -> [String] {
        switch happening {
        case .connected: return shell.receive(.connected)
        case .bytes: return shell.receive(.bytes(ByteBuffer(string: "NOOP\r\n")))
        case .handshake: return shell.receive(.tlsEstablished(TLSFacts(version: .v13, examination: nil)))
        case .verdict: return shell.receive(.passwordChecked(try verdict()))
        case .busy: return shell.receive(.passwordNotChecked(.workersBusy))
        case .bodyOpened: return shell.receive(.bodyOpened(.test(7)))
        case .bodyRefused: return shell.receive(.bodyRefused)
        case .stored: return shell.receive(.stored)
        case .notStored: return shell.receive(.notStored(.full))
        case .tick: return shell.receive(.tick)
        case .lateTick:
            shell.now.monotonic += .seconds(400)
            return shell.receive(.tick)
        case .drain: return shell.receive(.drain)
        case .closed: return shell.receive(.closed)
        case .cutOff: return shell.receive(.cutOff)
        }
    }

    /// The verdict on a right password, from another session.
    private static func verdict() throws -> PasswordVerdict {
        let other = try shell(in: .checkingPassword)
        guard case .checkPassword(let attempt) = try #require(other.held.first) else {
            throw TranscriptError.badBrace("no password is checked")
        }
        return attempt.run()
    }

    /// All that comes of a session from here on, if everything is answered that may be waited for.
    private static func future(of shell: PureShell) throws -> [[String]] {
        var shell = shell
        shell.answers = .held
        let course: [Happening] = [
            .connected, .handshake, .verdict, .bodyOpened, .stored, .bytes, .closed,
        ]
        var names: [[String]] = []
        for happening in course { names.append(try feed(happening, to: &shell)) }
        return names + [shell.replies.map { "\($0)" }]
    }
}
