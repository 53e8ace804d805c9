import Logging
import NIOCore
import PosternMail
import PosternQueue
import ServiceLifecycle
import Testing

@testable import PosternDelivery

/// Ends the process at the first message that it is given.
private struct TrappingRoute: Route {
    let name = "trap"

    func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        fatalError("trapped by \(claim.message.id)")
    }
}

@Suite("A message that ends the process")
struct CrashTests {
    @Test("F11: it is tried five times, then held and listed; what came after it is delivered")
    func poison() async throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/state"
        for end in 1...6 {
            let (held, isLeft) = try Self.open(path) { state, store in
                let audit = try QueueAudit.run(store: store, state: state, at: .now)
                return (audit.held, try store.counts().waiting == 1)
            }
            #expect(held == (end == 6 ? [.sample(1)] : []))
            guard end < 6 else {
                #expect(!isLeft)
                break
            }
            await #expect(processExitsWith: .failure) { [path = path as String] in
                try await Self.deliver(path)
            }
        }
        let entries = try Self.open(path) { _, store in
            try store.list(QueueFilter(), after: nil, limit: 9, recipientLimit: 9).entries
        }
        #expect(entries.map(\.id) == [.sample(1)])
        #expect(entries.first?.recipients.map(\.state) == [.held])
        #expect(entries.first?.recipients.map(\.attempts) == [5])
        #expect(entries.first?.recipients.first?.hold?.contains("5 times in a row") == true)
    }

    private static func open<Answer>(
        _ path: String, _ body: (StateDirectory, SQLiteStore) throws -> Answer
    ) throws -> Answer {
        let state = try StateDirectory(path: path)
        return try body(state, try SQLiteStore(in: state))
    }

    /// In a process of its own, which does not survive it.
    private static func deliver(_ path: String) async throws {
        let state = try StateDirectory(path: path)
        let store = try SQLiteStore(in: state)
        let writer = QueueWriter(store: store, bodies: state.bodies) { _ in }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        if try store.counts().messages == 0 {
            let sample = Claim.sample(1)
            try await writer.submit(
                NewMessage(
                    id: sample.message.id,
                    envelope: try #require(
                        Envelope(
                            reversePath: sample.message.reversePath, recipients: sample.recipients.map(\.recipient))),
                    body: .inline(ByteBuffer(string: "Subject: 1\r\n\r\n")), received: .now, account: "alice",
                    authentication: "AUTH EXTERNAL"))
        }
        let service = DeliveryService(
            writer: writer, store: store,
            routing: Routing(otherwise: Routing.Way(to: Destination(name: "trap", limit: 1), by: TrappingRoute())),
            hostname: try #require(Domain("mail.example.org")), concurrency: 1, logger: logger, report: { _ in })
        try await ServiceGroup(services: [service], logger: logger).run()
    }
}
