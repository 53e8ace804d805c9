import GRDB
import PosternMail
import Testing

@testable import PosternQueue

@Suite("SQLite store")
struct SQLiteStoreTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    @Test("passes what every store must pass")
    func conforms() throws {
        try StoreConformance.check {
            ScratchFolder.remove(folder.path + "/state")
            let fixture = try Fixture(folder)
            return StoreConformance(store: fixture.store, bodies: fixture.state.bodies)
        }
    }

    @Test("what was committed is there when the next process opens the file")
    func reopens() throws {
        do {
            let fixture = try Fixture(folder)
            _ = try fixture.store.transaction { try $0.enqueue(try .sample(1), claiming: true) }
        }
        let fixture = try Fixture(folder)
        #expect(try fixture.store.counts() == QueueCounts(messages: 1, claimed: 1))
        #expect(fixture.store.octets == (try NewMessage.sample(1)).body.length)
    }

    @Test("the octets of a long queue are counted a part at a time, whatever comes and goes meanwhile")
    func countsLater() throws {
        let messages = try (1...2_500).map { try NewMessage.sample($0) }
        do {
            let fixture = try Fixture(folder)
            try fixture.store.transaction { transaction in
                for message in messages { _ = try transaction.enqueue(message, claiming: false) }
            }
        }
        let store = try Fixture(folder).store
        #expect(store.octets == nil)
        let last = QueueFilter(ids: [messages[2_499].id])
        let step = try store.transaction { try $0.change(.remove, of: last, after: nil, limit: 10, at: .now) }
        #expect(step.report.removedMessages == 1)
        let next = try NewMessage.sample(2_501)
        _ = try store.transaction { try $0.enqueue(next, claiming: true) }
        #expect(store.octets == nil)
        for _ in 1...2 { try store.maintain() }
        let rest = messages.dropLast() + [next]
        #expect(store.octets == rest.reduce(0) { $0 + $1.body.length })
    }

    @Test("full sync is on after opening, and a setting that does not hold is refused")
    func durability() throws {
        let state = try StateDirectory(path: folder.path + "/state")
        let database = try DatabaseQueue(path: state.databasePath)
        try database.writeWithoutTransaction { database in
            try SQLitePragmas.prepare(database)
            try SQLitePragmas.makeDurable(database, path: state.databasePath)
            try SQLitePragmas.verify(database, path: state.databasePath)
            #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
            // The negative control: what GRDB's own WAL mode sets.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
            #expect {
                try SQLitePragmas.verify(database, path: state.databasePath)
            } throws: { error in
                guard case SQLiteStoreError.notDurable(_, "synchronous", "2", "1") = error else { return false }
                return true
            }
        }
    }

    @Test("a file of a later schema is left alone")
    func newerSchema() throws {
        let state = try StateDirectory(path: folder.path + "/state")
        let known = SQLiteSchema.migrations.count
        try DatabaseQueue(path: state.databasePath).write { try $0.execute(sql: "PRAGMA user_version = \(known + 1)") }
        #expect(throws: SQLiteStoreError.newerSchema(path: state.databasePath, known: known, found: known + 1)) {
            try SQLiteStore(in: state)
        }
    }

    @Test("a file that is no database is refused with its path")
    func noDatabase() throws {
        let state = try StateDirectory(path: folder.path + "/state")
        try FileSystem.write("no database, though long enough to be looked at as one\n", to: state.databasePath)
        #expect {
            try SQLiteStore(in: state)
        } throws: { error in
            guard case SQLiteStoreError.unusable(let fault) = error else { return false }
            return fault.path == state.databasePath
        }
    }

    @Test("a row that cannot be read is marked and listed, and does not hold up the others")
    func unreadableRow() throws {
        do {
            let fixture = try Fixture(folder)
            for number in 1...2 {
                _ = try fixture.store.transaction { try $0.enqueue(try .sample(number), claiming: false) }
            }
        }
        try DatabaseQueue(path: folder.path + "/state/queue.sqlite").write {
            try $0.execute(sql: "UPDATE recipient SET mailbox = 'no address' WHERE message = 1")
        }
        let store = try Fixture(folder).store
        let claims = try store.transaction { try $0.claimDue(at: .after(9), limit: 9) }.claims
        #expect(claims.map(\.message.id) == [QueueID.sample(2)])
        #expect(try store.damagedMessages().map(\.damage) == [#"its recipient cannot be read: "no address""#])
    }

    @Test("a body that is shorter than what was accepted is not handed out")
    func shortBody() throws {
        do {
            _ = try Fixture(folder).store.transaction { try $0.enqueue(try .sample(1), claiming: false) }
        }
        try DatabaseQueue(path: folder.path + "/state/queue.sqlite").write {
            try $0.execute(sql: "UPDATE message SET body = x'00'")
        }
        let store = try Fixture(folder).store
        let claim = try #require(try store.transaction { try $0.claimDue(at: .after(9), limit: 1) }.claims.first)
        let length = claim.message.length
        #expect(throws: QueueError.damaged(claim.message.id, .bodyLength(expected: length, found: 1))) {
            try store.body(of: claim)
        }
    }

    @Test("the log is moved into the database, and does not grow with every message")
    func checkpoints() throws {
        let fixture = try Fixture(folder)
        var longest = 0
        for number in 0..<200 {
            let body = MessageBody.inline(largeOctets(MessageBody.inlineLimit))
            _ = try fixture.store.transaction { try $0.enqueue(try .sample(number, body: body), claiming: false) }
            try fixture.store.maintain()
            longest = max(longest, try FileSystem.length(of: fixture.state.databasePath + "-wal") ?? 0)
        }
        #expect(longest < 3 * CheckpointSchedule.usualInterval)
        #expect(try fixture.store.counts().messages == 200)
    }
}
