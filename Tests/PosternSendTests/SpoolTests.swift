import Glibc
import NIOCore
import PosternClient
import PosternMail
import Synchronization
import Testing

@testable import PosternSend

/// The spool: nothing is lost, nothing is doubled but where nobody can know, and that is said.
@Suite struct SpoolTests {
    private let folder: TemporaryFolder
    private let spool: Spool
    private static let now = Timestamp(seconds: 1_795_577_586)

    init() throws {
        folder = try TemporaryFolder()
        spool = try Spool(at: folder.path)
    }

    private func content(_ text: String = "Subject: x\n\nhello\n.\nno end") throws -> StagedContent {
        var stage = ContentStage(folder: folder.path)
        try stage.begin(header: [])
        try stage.append(Array(text.utf8))
        return stage.finish()
    }

    private func envelope(_ recipients: String...) throws -> Envelope {
        try #require(
            Envelope(
                reversePath: .null,
                recipients: recipients.map {
                    Recipient(
                        Mailbox($0)!, notify: Notify("SUCCESS,DELAY".utf8),
                        originalRecipient: OriginalRecipient(parameter: "rfc822;a+2Bb@example.org".utf8))
                }, body: .eightBit, returnedContent: .header, id: EnvelopeID(xtext: "a+20b".utf8)))
    }

    @discardableResult
    private func keep(
        _ number: UInt64, _ recipients: String..., selection: AccountSelection? = nil, partial: Bool = false
    ) throws -> SpooledMessage {
        let content = try content()
        var envelope = try envelope("bob@example.net")
        if !recipients.isEmpty {
            envelope = try #require(
                Envelope(reversePath: .null, recipients: recipients.map { Recipient(Mailbox($0)!) }, body: .eightBit))
        }
        let message = SpooledMessage(
            id: QueueID(time: Self.now, random: number), arrived: Self.now,
            selection: selection ?? AccountSelection(file: nil, account: nil, settings: []), envelope: envelope,
            acceptsSomeRecipients: partial, content: content)
        try spool.keep(message, content)
        return message
    }

    private struct NotTaken: Error {}

    private func taken(_ message: SpooledMessage) throws -> SpoolClaim {
        guard case .taken(let claim) = spool.claim("\(message.id)") else { throw NotTaken() }
        return claim
    }

    /// What a flush did, and what it said.
    private struct Flushed {
        let report: SpoolFlush.Report
        let lines: [String]

        var sent: Int { report.sent }
        var waiting: Int { report.waiting }
        var failed: Int { report.failed }
        var status: SendStatus { report.status }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        func append(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private func flush(_ agent: ScriptedAgent, _ selection: SpoolSelection = .all) async throws -> Flushed {
        let lines = Lines()
        let flush = SpoolFlush(
            spool, now: { Self.now }, tell: { lines.append($0) }, findAgent: { _ in .success(agent) })
        let report = try await flush.run(selection)
        return Flushed(report: report, lines: lines.all)
    }

    @Test("A message is read again as it was written, whatever its account's settings hold")
    func head() throws {
        let selection = AccountSelection(
            file: "/a file\nwith a line end", account: "",
            settings: [.init("tls_trust_file", "/ca +1.pem", option: "--ca"), .init("port", "", option: "--port")])
        let message = try keep(1, selection: selection, partial: true)
        let octets = message.head + Array("content\n".utf8)
        let length = try #require(SpooledMessage.headLength(octets))
        #expect(SpooledMessage.reading(octets, headLength: length) == message)
        #expect(length == message.head.count)
    }

    @Test("Relative paths of the command line are absolute in the spool: it is sent from elsewhere")
    func paths() throws {
        let arguments = try SendArguments(
            reading: ["--server", "h", "--ca", "ca.pem", "--key", "/k", "-C", "rc", "b@example.net"], as: .send)
        let selection = AccountSelection(arguments, account: "--server", workingFolder: "/work")
        #expect(selection.file == "/work/rc")
        #expect(selection.settings.map(\.value) == ["h", "/work/ca.pem", "/k"])
        #expect(selection.account == nil)
    }

    @Test("An account that was found by its sender is found again by its name")
    func accountOfSender() throws {
        let arguments = try SendArguments(reading: ["-f", "a@example.org", "b@example.net"], as: .sendmail)
        let selection = AccountSelection(arguments, account: "work", workingFolder: "/")
        #expect(selection.account == "work" && selection.arguments.account == "work")
    }

    @Test("What is kept goes out octet by octet, once, and nothing is left of it")
    func sent() async throws {
        let message = try keep(1)
        let agent = ScriptedAgent(.accepted, "250 ok")
        let report = try await flush(agent)
        #expect(report.lines == ["\(message.id): sent: 250 ok"])
        #expect(agent.submissions.map(\.content) == ["Subject: x\n\nhello\n.\nno end"])
        #expect(report.status == .sent)
        #expect(try await flush(agent).lines.isEmpty)
        #expect(!folder.exists("queue/\(message.id)") && !folder.exists("state/\(message.id)"))
    }

    @Test("What cannot be sent waits, with the reason and the number of tries")
    func waits() async throws {
        try keep(1)
        #expect(try await flush(ScriptedAgent(.deferred, "451 later")).status == .temporaryFailure)
        #expect(try await flush(ScriptedAgent(.deferred, "452 still")).waiting == 1)
        let entry = try #require(try spool.list().entries.first)
        #expect(entry.notes.tries == 2 && entry.notes.reason == "452 still" && !entry.notes.isUnderWay)
        #expect(
            SpoolListing.lines([entry], damaged: [], in: "s").contains("    (452 still; tries: 2)"))
    }

    @Test("What is refused for good is kept in failed/ with the reason, and told")
    func failed() async throws {
        let message = try keep(1)
        let report = try await flush(ScriptedAgent(.refused(.noUser), "550 5.1.1 nobody"))
        #expect(report.status == .unavailable)
        #expect(
            report.lines == [
                "\(message.id): refused for good, and kept in \(folder.path)/failed/\(message.id): 550 5.1.1 nobody"
            ])
        let entry = try #require(try spool.list().entries.first)
        #expect(entry.isFailed)
        #expect(entry.notes.refused.values.first == "550 5.1.1 nobody")
        #expect(try await flush(ScriptedAgent(.accepted)).lines.isEmpty)
    }

    @Test("A login that is refused fails no message, and is tried once for all of them")
    func login() async throws {
        try keep(1)
        try keep(2)
        let agent = ScriptedAgent(.refused(.notPermitted), "535 no", isNoFaultOfMessage: true)
        let report = try await flush(agent)
        #expect(report.waiting == 2 && report.failed == 0)
        #expect(agent.submissions.count == 1)
    }

    @Test(
        "Of several recipients only those that have not got it get it the next time; who was refused fails at the end")
    func partial() async throws {
        let message = try keep(1, "a@example.net", "b@example.net", "c@example.net", partial: true)
        let first = ScriptedAgent { envelope in
            SendOutcome(
                recipients: zip(envelope.recipients, [SendOutcome.Fate.accepted, .deferred, .refused(.noUser)]).map {
                    .init($0.mailbox, $1, "\($0.mailbox.localPart)")
                }, text: "250 ok")
        }
        #expect(try await flush(first).waiting == 1)
        let second = ScriptedAgent(.accepted)
        let report = try await flush(second)
        #expect(second.submissions.map(\.recipients) == [["b@example.net"]])
        #expect(report.failed == 1)
        #expect(folder.exists("failed/\(message.id)"))
    }

    @Test("Only one process sends a message; another finds it taken, and then gone")
    func locked() async throws {
        let message = try keep(1)
        var claim = try taken(message)
        guard case .busy(message) = spool.claim("\(message.id)") else { throw NotTaken() }
        #expect(try #require(try spool.list().entries.first).isHeld)
        let report = try await flush(ScriptedAgent(.accepted))
        #expect(report.lines == ["\(message.id): another process has it"] && report.status == .temporaryFailure)
        try claim.finish(reason: "", done: [Mailbox("bob@example.net")!], refused: [:])
        guard case .gone = spool.claim("\(message.id)") else { throw NotTaken() }
    }

    @Test("A try that was cut off is told before the next one: it may come twice")
    func cutOff() async throws {
        let message = try keep(1)
        var claim: SpoolClaim? = try taken(message)
        try claim?.begin(at: Self.now)
        claim = nil
        // Who was killed holds nothing any more.
        #expect(try SpoolListing.lines(spool.list().entries, damaged: [], in: "s")[0].hasSuffix("waiting"))
        let report = try await flush(ScriptedAgent(.accepted, "250 ok"))
        #expect(
            report.lines == [
                "\(message.id): an earlier try was cut off, so it may come twice", "\(message.id): sent: 250 ok",
            ])
    }

    @Test("A damaged file is left alone and named; the others go")
    func damaged() async throws {
        try keep(1)
        let id = QueueID(time: Self.now, random: 2)
        folder.write("queue/\(id)", Array("postern-spool 1\nid \(id)\n".utf8))
        let report = try await flush(ScriptedAgent(.accepted))
        #expect(report.sent == 1 && report.status == .inputOutput)
        #expect(
            report.lines.contains(
                "\(id): damaged, and left in \(folder.path)/queue: its head is not understood"))
        #expect(try spool.list().damaged == ["\(folder.path)/queue/\(id)"])
    }

    @Test("What is no file that can be opened holds up none of the others")
    func notOpened() async throws {
        let id = QueueID(time: Self.now, random: 0)
        symlink("/dev/null", "\(folder.path)/queue/\(id)")
        try keep(1)
        let report = try await flush(ScriptedAgent(.accepted))
        #expect(report.sent == 1 && report.report.damaged == 1 && report.status == .inputOutput)
    }

    @Test("A message to more people than a mebibyte of names holds is kept, sent, and its notes are read again")
    func manyRecipients() async throws {
        let people = (0..<25_000).map { "recipient-\($0)@department.example.net" }
        let content = try content()
        let envelope = try #require(
            Envelope(
                reversePath: .null,
                recipients: people.map { Recipient(Mailbox($0)!, notify: Notify("FAILURE".utf8)) }))
        let message = SpooledMessage(
            id: QueueID(time: Self.now, random: 1), arrived: Self.now,
            selection: AccountSelection(file: nil, account: nil, settings: []), envelope: envelope,
            acceptsSomeRecipients: true, content: content)
        try spool.keep(message, content)
        #expect(try spool.list().damaged == [])
        let first = ScriptedAgent { envelope in
            SendOutcome(
                recipients: envelope.recipients.enumerated().map {
                    .init($1.mailbox, $0 == 7 ? .deferred : .accepted, "said")
                }, text: "said")
        }
        #expect(try await flush(first).waiting == 1)
        let second = ScriptedAgent(.accepted)
        #expect(try await flush(second).status == .sent)
        #expect(second.submissions.map(\.recipients) == [[people[7]]])
    }

    @Test("What failed and was moved back to queue/ is tried again, for those who were refused alone")
    func movedBack() async throws {
        let message = try keep(1, "a@example.net", "b@example.net", partial: true)
        let first = ScriptedAgent { envelope in
            SendOutcome(
                recipients: zip(envelope.recipients, [.accepted, .refused(.noUser)]).map {
                    .init($0.mailbox, $1, "said")
                }, text: "said")
        }
        #expect(try await flush(first).failed == 1)
        try SpoolFolder.rename("\(folder.path)/failed/\(message.id)", to: "\(folder.path)/queue/\(message.id)")
        let second = ScriptedAgent(.accepted, "250 ok")
        #expect(try await flush(second).lines == ["\(message.id): sent: 250 ok"])
        #expect(second.submissions.map(\.recipients) == [["b@example.net"]])
        #expect(!folder.exists("queue/\(message.id)") && !folder.exists("state/\(message.id)"))
    }

    @Test("What has waited for five days ends with 69, and waits on")
    func overdue() async throws {
        let message = try keep(1)
        let lines = Lines()
        let flush = SpoolFlush(
            spool, now: { Timestamp(seconds: Self.now.seconds + 6 * 86_400) }, tell: { lines.append($0) },
            findAgent: { _ in .success(ScriptedAgent(.deferred, "451 later")) })
        #expect(try await flush.run(.all).status == .unavailable)
        #expect(lines.all.first?.hasPrefix("\(message.id): has waited for 6 days: 451 later") == true)
        #expect(try spool.waiting().count == 1)
    }

    @Test("Notes find room where the disk is full: that for them was taken when the message was kept")
    func reserved() throws {
        let message = try keep(1)
        let descriptor = try SpoolFolder.open("\(folder.path)/state/\(message.id)", O_RDONLY)
        #expect(try descriptor.length() > 4_096)
        #expect(spool.notes(of: message.id) == SpoolNotes())
        var notes = SpoolNotes()
        (notes.tries, notes.reason, notes.isUnderWay) = (3, "451 later", true)
        try spool.overwrite(notes, of: message.id)
        #expect(spool.notes(of: message.id) == notes)
        try spool.overwrite(SpoolNotes(), of: message.id)
        #expect(spool.notes(of: message.id) == SpoolNotes())
    }

    @Test("Notes on a message that somebody has removed go after an hour, others stay")
    func leftovers() throws {
        let message = try keep(1)
        let removed = QueueID(time: Self.now, random: 2)
        for name in ["\(message.id)", "\(removed)"] {
            folder.write("state/\(name)", Array("tries 1\n".utf8))
            var times = [timeval(tv_sec: 1_000, tv_usec: 0), timeval(tv_sec: 1_000, tv_usec: 0)]
            utimes("\(folder.path)/state/\(name)", &times)
        }
        try spool.removeLeftovers()
        #expect(folder.exists("state/\(message.id)") && !folder.exists("state/\(removed)"))
    }

    @Test("A list makes nothing")
    func listMakesNothing() throws {
        #expect(try Spool(lookingAt: "\(folder.path)/none").list().entries.isEmpty)
        #expect(!folder.exists("none"))
    }

    @Test("452 5.3 of too many recipients: so many as the server takes go at a time, each once")
    func inParts() async throws {
        let agent = ScriptedAgent { envelope in
            guard envelope.recipients.count > 3 else { return SendOutcome(.accepted, "250 ok", for: envelope) }
            var outcome = SendOutcome(.deferred, "452 4.5.3 too many recipients", for: envelope)
            outcome.recipientsAtATime = 3
            return outcome
        }
        try keep(1, "a@b.example", "b@b.example", "c@b.example", "d@b.example", "e@b.example")
        #expect(try await flush(agent).status == .sent)
        #expect(agent.submissions.dropFirst().map(\.recipients.count) == [3, 2])
    }

    @Test("A file that is shorter than its head says is not sent")
    func short() async throws {
        let message = try keep(1)
        let octets = message.head + Array("Subject".utf8)
        folder.write("queue/\(message.id)", octets)
        let agent = ScriptedAgent(.accepted)
        _ = try await flush(agent)
        #expect(agent.submissions.isEmpty)
    }

    @Test("-qI, -qR and -qS choose", arguments: [("I", 1), ("R", 1), ("S", 2)])
    func selection(_ kind: String, _ count: Int) async throws {
        let one = try keep(1, "alice@example.net")
        try keep(2, "bob@example.com")
        let selection =
            switch kind {
            case "I": SpoolSelection(id: "\(one.id)")
            case "R": SpoolSelection(recipient: "example.com")
            default: SpoolSelection(sender: "<>")
            }
        #expect(try await flush(ScriptedAgent(.accepted), selection).sent == count)
    }

    // MARK: Policies

    private func deliver(
        _ policy: QueuePolicy, _ agent: ScriptedAgent, spool path: String? = nil
    ) async throws -> SendReport {
        try await Courier(policy, spool: path ?? folder.path, agent: agent).deliver(
            content(), envelope("bob@example.net"), acceptsSomeRecipients: false,
            id: QueueID(time: Self.now, random: 9), selection: AccountSelection(file: nil, account: nil, settings: []),
            at: Self.now)
    }

    @Test(
        "What each policy makes of each fate: the status, and whether it is kept",
        arguments: [
            (.auto, .accepted, .sent, false), (.auto, .deferred, .sent, true), (.auto, .uncertain, .sent, true),
            (.auto, .refused(.noUser), .noUser, false), (.never, .accepted, .sent, false),
            (.never, .deferred, .temporaryFailure, false), (.never, .uncertain, .temporaryFailure, false),
            (.never, .refused(.notPermitted), .notPermitted, false), (.always, .refused(.noUser), .sent, true),
        ] as [(QueuePolicy, SendOutcome.Fate, SendStatus, Bool)])
    func policies(
        _ policy: QueuePolicy, _ fate: SendOutcome.Fate, _ status: SendStatus, _ isKept: Bool
    ) async throws {
        let report = try await deliver(policy, ScriptedAgent(fate))
        #expect(report.status == status)
        #expect((report.kept != nil) == isKept)
        #expect(try spool.waiting().count == (isKept ? 1 : 0))
        let isDoubtful = fate == .uncertain
        #expect(report.lines.contains("the server may have it already: another try may bring it twice") == isDoubtful)
    }

    @Test("What is no fault of the message is kept with auto, as it waits in a flush; never has its status")
    func faultOfOthers() async throws {
        let agent = ScriptedAgent(.refused(.notPermitted), "535 no", isNoFaultOfMessage: true)
        let report = try await deliver(.auto, agent)
        #expect(report.status == .sent && report.kept != nil)
        #expect(report.lines.first == "535 no" && report.lines.last?.hasPrefix("kept in the spool as") == true)
        #expect(try await deliver(.never, agent).status == .notPermitted)
        #expect(try await flush(agent).waiting == 1)
    }

    @Test("Where the spool cannot be made, always ends with 73, and auto with 75 and both reasons")
    func noSpool() async throws {
        folder.write("file", [])
        let path = "\(folder.path)/file/spool"
        #expect(try await deliver(.always, ScriptedAgent(.accepted), spool: path).status == .cannotCreate)
        let report = try await deliver(.auto, ScriptedAgent(.deferred, "no network"), spool: path)
        #expect(report.status == .temporaryFailure)
        #expect(report.lines.first == "no network" && report.lines.last?.hasPrefix("it cannot be kept: ") == true)
    }

    @Test("A message over 1 MiB is put down in a file without a name, and comes out of it as it went in")
    func large() async throws {
        let text = String(repeating: "0123456789 grüße\n", count: 100_000)
        let content = try content(text)
        #expect(content.isEightBit)
        #expect(content.count == text.utf8.count)
        #expect(content.wireLength == text.utf8.count + 100_000)
        let agent = ScriptedAgent(.accepted)
        _ = await agent.submit(content, try envelope("b@example.net"), acceptsSomeRecipients: false)
        #expect(agent.submissions.first?.content == text)
    }

    @Test(
        "The length on the wire, however the lines end (RFC 1870 §5)",
        arguments: [("", 0), ("a", 3), ("a\n", 3), ("a\r\n", 3), ("a\rb", 6), ("\n\n", 4), ("\r\r\n", 4)])
    func lengths(_ text: String, _ length: Int) throws {
        #expect(try content(text).wireLength == length)
    }

    // MARK: What is remembered of certificates

    @Test("What has worked with a certificate is known to the next process for seven days")
    func memory() async throws {
        let path = "\(folder.path)/deep/certificates"
        let place = CertificatePlace(host: "h", port: 465, publicKeyHash: "ab")
        let other = CertificatePlace(host: "h", port: 587, publicKeyHash: "ab")
        func memory(_ days: Int) -> FileCertificateMemory {
            FileCertificateMemory(path: path, now: { Timestamp(seconds: Self.now.seconds + Int64(days) * 86_400) })
        }
        await memory(0).remember(.external(authorizationIdentity: "alice smith"), at: place)
        await memory(1).remember(.implicit, at: other)
        #expect(await memory(7).result(at: place) == .external(authorizationIdentity: "alice smith"))
        #expect(await memory(8).result(at: place) == nil)
        #expect(await memory(8).result(at: other) == .implicit)
        await memory(1).remember(nil, at: other)
        #expect(await memory(1).result(at: other) == nil)
        await memory(1).remember(.external(authorizationIdentity: nil), at: other)
        #expect(await memory(1).result(at: other) == .external(authorizationIdentity: nil))
    }
}
