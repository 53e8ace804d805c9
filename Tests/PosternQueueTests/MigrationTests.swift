import Foundation
import GRDB
import NIOCore
import PosternMail
import Testing

@testable import PosternQueue

@Suite("Migrations")
struct MigrationTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// A state folder that the first version of the schema left behind when its process was killed: message 1 has one of
    /// two recipients left, deferred; 2 has the null reverse-path; 3 has its body in a file; 4 was being delivered; 5 has
    /// failed.
    private func firstVersion() throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/first-schema")
        try FileManager.default.copyItem(atPath: fixture.path, toPath: folder.path + "/state")
    }

    private func id(_ number: Int64) -> QueueID {
        QueueID(time: Timestamp(seconds: 1_750_000_000 + number), random: UInt64(number))
    }

    @Test("the first version's file is opened, every message is found whole and can be delivered")
    func firstVersionIsRead() throws {
        try firstVersion()
        let fixture = try Fixture(folder)
        let audit = try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0))
        #expect(audit.damaged == [] && audit.setAside == [])
        #expect(audit.interrupted == 1)
        #expect(try fixture.store.counts() == QueueCounts(messages: 5, waiting: 5, failed: 1))
        let claims = try fixture.store.transaction { try $0.claimDue(at: .after(0), limit: 9) }.claims
            .sorted { $0.message.id < $1.message.id }
        #expect(claims.map(\.message.id) == [1, 2, 3, 4].map(id))
        #expect(
            claims.map { $0.recipients.map(\.mailbox.description) } == [
                ["bob@example.net"], ["alice@example.org"], ["bob@example.net", "o'neil@example.net"],
                ["carol@example.net"],
            ])
        #expect(claims.map { $0.recipients[0].attempt } == [2, 1, 1, 2])
        #expect(claims[1].message.reversePath == .null)
        for claim in claims {
            #expect(claim.message.returnedContent == nil && claim.message.envelopeID == nil)
            #expect(claim.recipients.allSatisfy { !$0.isWarned && $0.recipient == Recipient($0.mailbox) })
            let body = try fixture.store.body(of: claim).octets()
            #expect(body.readableBytes == claim.message.length)
            #expect(String(buffer: body).contains("Subject: "))
            let outcomes = claim.recipients.map { _ in Settlement.Outcome.delivered }
            _ = try fixture.store.transaction { try $0.settle(Settlement(claim: claim, outcomes: outcomes)) }
        }
        #expect(try fixture.store.counts() == QueueCounts(messages: 1, failed: 1))
    }

    @Test("a migration that breaks off leaves the file as it was, for the version that wrote it")
    func atomic() throws {
        try firstVersion()
        let path = folder.path + "/state/queue.sqlite"
        let before = try tables(path)
        // The second statement of the migration cannot be carried out.
        try DatabaseQueue(path: path).write { try $0.execute(sql: "ALTER TABLE recipient ADD COLUMN orcpt TEXT") }
        let state = try StateDirectory(path: folder.path + "/state")
        #expect(throws: SQLiteStoreError.self) { try SQLiteStore(in: state) }
        try DatabaseQueue(path: path).write { database in
            #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == 1)
            try database.execute(sql: "ALTER TABLE recipient DROP COLUMN orcpt")
        }
        #expect(try tables(path) == before)
        #expect(try SQLiteStore(in: state).counts().messages == 5)
    }

    private func tables(_ path: String) throws -> [[String]] {
        try DatabaseQueue(path: path).read { database in
            try ["message", "recipient"].map { try database.columns(in: $0).map(\.name) }
        }
    }
}
