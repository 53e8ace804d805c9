import PosternMail
import PosternTestSupport
import Synchronization
import Testing

@testable import PosternDelivery
@testable import PosternQueue
@testable import PosternServer
@testable import PosternSubmission
@testable import postern

@Suite("What the demo says")
struct DemoJournalTests {
    /// What was said, and the ports that were told of.
    final class Said: Sendable {
        let lines = Mutex<[String]>([])
        let ports = Mutex<[[String: Int]]>([])
    }

    let said = Said()
    let journal: DemoJournal
    let connection = Connection(id: SessionID(random: 0), clientAddress: "127.0.0.1")
    let id = QueueID(time: .testNow, random: 1)
    let recipients: [Mailbox]
    let envelope: Envelope

    init() throws {
        recipients = [try mailbox("bob@example.org"), try mailbox("carol@example.org")]
        envelope = try #require(Envelope(reversePath: .null, recipients: recipients))
        journal = DemoJournal(
            listenerCount: 2, start: .testNow,
            say: { [said] line in said.lines.withLock { $0.append(line) } },
            listening: { [said] ports in said.ports.withLock { $0.append(ports) } })
    }

    func accept() {
        let submission = Submission(
            id: id, envelope: envelope, account: "alice", sequence: .external, size: 1, received: .testNow)
        journal.record(.accepted(submission), of: connection, on: "submission")
    }

    func deliver(_ index: Int, received: Timestamp = .testNow) {
        let message = QueuedMessage(
            id: id, reversePath: .null, bodyType: .sevenBit, length: 1, received: received, account: "alice",
            authentication: "auth-external")
        journal.record(
            DeliveryEvent(
                message: message, recipient: recipients[index], attempt: 1, route: "maildir",
                outcome: .delivered(to: "place \(index)")))
    }

    @Test("a message is one line once all of its recipients have it, whichever news comes first")
    func order() {
        let expected =
            "alice by sequence A (AUTH EXTERNAL), \(id): bob@example.org -> place 0, carol@example.org -> place 1"
        accept()
        deliver(0)
        #expect(said.lines.withLock { $0 } == [])
        deliver(1)
        #expect(said.lines.withLock { $0 } == [expected])
        deliver(0)
        deliver(1)
        accept()
        #expect(said.lines.withLock { $0 } == [expected, expected])
    }

    @Test("what an earlier run had accepted is told as such")
    func earlier() {
        deliver(0, received: Timestamp.testNow.adding(days: -1))
        #expect(said.lines.withLock { $0 } == ["\(id) from an earlier run: bob@example.org -> place 0"])
    }

    @Test("the lines to paste come once all listeners listen")
    func listening() {
        journal.record(.listening(address: "127.0.0.1", port: 1), of: nil, on: "submission")
        #expect(said.ports.withLock { $0 } == [])
        journal.record(.listening(address: "127.0.0.1", port: 2), of: nil, on: "submissions")
        #expect(said.ports.withLock { $0 } == [["submission": 1, "submissions": 2]])
    }
}
