import Foundation
import GRDB
import Glibc
import NIOCore
public import PosternMail

/// The queue of one machine, in one SQLite file.
///
/// One connection does everything, with the file locked for itself: SQLite before 3.51.3 can lose commits when two
/// connections write and checkpoint side by side, and without the shared memory of several each transaction is a
/// fifth faster (measured). Nothing but this process can open the file meanwhile, not even to read.
public final class SQLiteStore: QueueStore {
    private let database: DatabaseQueue
    private let path: String
    private let bodies: BodyFolder
    private let checkpoints: CheckpointSchedule
    private let ballast: Ballast
    private let octetCount = OctetCount()

    /// Opens the store of a state folder, and makes it where it is missing.
    public init(in state: StateDirectory) throws(SQLiteStoreError) {
        let path = state.databasePath
        self.path = path
        bodies = state.bodies
        checkpoints = CheckpointSchedule(
            disk: (try? DiskSpace(of: state.path))?.octets ?? .max,
            written: (try? FileSystem.length(of: path + "-wal")) ?? 0)
        // What it takes to bring the log into the database: as much as it may have grown since the last checkpoint, and a
        // commit more.
        ballast = Ballast(path: state.path + "/ballast", octets: 2 * checkpoints.interval)
        do {
            try Self.makeFile(path)
            try Self.writeLogAgain(path + "-wal")
            var configuration = Configuration()
            configuration.label = "queue"
            // GRDB's own WAL mode would set synchronous to NORMAL, which loses commits with the power (measured: all).
            configuration.journalMode = .default
            // SQLite keeps an undo copy of every page that a row with a reference touches, in a file of its own: the
            // references in the schema are held by `SQLiteTransaction` instead (measured: three pages written for one).
            configuration.foreignKeysEnabled = false
            configuration.prepareDatabase { try SQLitePragmas.prepare($0) }
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.writeWithoutTransaction { database in
                try SQLitePragmas.makeDurable(database, path: path)
                try SQLiteSchema.migrate(database, path: path)
                try octetCount.begin(in: database)
            }
        } catch let error as SQLiteStoreError {
            throw error
        } catch {
            throw .unusable(StorageFault(error, operation: "open", path: state.databasePath))
        }
    }

    public func transaction<Answer>(_ work: (any QueueTransaction) throws -> Answer) throws -> Answer {
        try database.writeWithoutTransaction { database in
            let transaction = SQLiteTransaction(database: database, path: path, octetCount: octetCount)
            do {
                try database.beginTransaction(.immediate)
                let answer = try work(transaction)
                try database.commit()
                checkpoints.add(octets: transaction.writtenOctets)
                octetCount.add(transaction.growth)
                return answer
            } catch {
                // SQLite itself has already undone the transaction after some errors.
                if database.isInsideTransaction { try rollback(database) }
                throw error is DatabaseError ? QueueError(error, operation: "COMMIT", path: path) : error
            }
        }
    }

    private func rollback(_ database: Database) throws {
        do {
            try database.rollback()
        } catch {
            throw QueueError.failed(StorageFault(error, operation: "ROLLBACK", path: path))
        }
    }

    public func body(of claim: Claim) throws(QueueError) -> StoredBody {
        let message = claim.message
        let row = try read("SELECT in_file, body FROM message WHERE number = ?", [claim.token.rawValue])
        guard let row else { throw .claimLost(message.id) }
        if row[0] as Bool {
            return .file(id: message.id, path: bodies.path(of: message.id), length: message.length)
        }
        let octets = ByteBuffer(bytes: row[1] as Data? ?? Data())
        guard octets.readableBytes == message.length else {
            throw .damaged(message.id, .bodyLength(expected: message.length, found: octets.readableBytes))
        }
        return .inline(octets)
    }

    public func counts() throws(QueueError) -> QueueCounts {
        try reading { database in
            var counts = QueueCounts()
            counts.messages = try Int.fetchOne(database, sql: "SELECT count(*) FROM message") ?? 0
            let rows = try Row.fetchAll(database, sql: "SELECT state, count(*) FROM recipient GROUP BY state")
            for row in rows {
                switch StoredState(rawValue: row[0]) {
                case .waiting: counts.waiting = row[1]
                case .claimed: counts.claimed = row[1]
                case .failed: counts.failed = row[1]
                case .damaged: counts.damaged = row[1]
                case .held: counts.held = row[1]
                case nil: continue
                }
            }
            return counts
        }
    }

    public var octets: Int? { octetCount.octets }

    public func oldest() throws(QueueError) -> Timestamp? {
        try read("SELECT received FROM message ORDER BY number LIMIT 1", []).map { Timestamp(nanoseconds: $0[0]) }
    }

    public func list(
        _ filter: QueueFilter, after cursor: QueueCursor?, limit: Int, recipientLimit: Int
    ) throws(QueueError) -> QueuePage {
        try reading { database in
            try QueuePage(filter, after: cursor, limit: limit, recipientLimit: recipientLimit, in: database)
        }
    }

    public func damagedMessages() throws(QueueError) -> [DamagedMessage] {
        try reading { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT id, account, received, damage FROM message WHERE damage IS NOT NULL ORDER BY id")
            return rows.compactMap { row in
                QueueID(row[0] as String).map { id in
                    DamagedMessage(
                        id: id, account: row[1], received: Timestamp(nanoseconds: row[2]), damage: row[3])
                }
            }
        }
    }

    public func filedBodies() throws(QueueError) -> [FiledBody] {
        try reading { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT id, length, damage IS NOT NULL FROM message WHERE in_file = 1 ORDER BY id")
            return rows.compactMap { row in
                QueueID(row[0] as String).map { FiledBody(id: $0, length: row[1], isDamaged: row[2]) }
            }
        }
    }

    /// Moves the log into the database now and then, between commits rather than inside of one, where a session waits.
    public func maintain() throws(QueueError) {
        if octets == nil { try reading { try octetCount.countPart(in: $0) } }
        guard checkpoints.isDue else { return }
        do {
            try database.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
        } catch {
            let error = QueueError(error, operation: "checkpoint", path: path)
            // Before the log is longer than what is kept for it.
            guard case .full = error else { throw error }
            try makeRoom()
        }
    }

    public var takesNewMessages: Bool { ballast.isKept() }

    /// Pages that are given back in one go, and how often: the writer waits for it.
    private static let vacuum = (pages: 32, rounds: 8)

    public func makeRoom() throws(QueueError) {
        ballast.drop()
        do {
            try database.writeWithoutTransaction { database in
                try database.checkpoint(.truncate)
                for _ in 0..<Self.vacuum.rounds {
                    guard try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0 > 0 else { return }
                    // Each step of this statement gives back a page.
                    _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(Self.vacuum.pages))")
                    try database.checkpoint(.truncate)
                }
            }
        } catch {
            throw QueueError(error, operation: "incremental_vacuum", path: path)
        }
    }

    private func read(_ sql: String, _ arguments: StatementArguments) throws(QueueError) -> Row? {
        try reading { try Row.fetchOne($0.cachedStatement(sql: sql), arguments: arguments) }
    }

    private func reading<Answer>(_ work: (Database) throws -> Answer) throws(QueueError) -> Answer {
        do {
            return try database.writeWithoutTransaction(work)
        } catch {
            throw QueueError(error, operation: "SELECT", path: path)
        }
    }

    /// The process before may have ended because a sync of the log failed: before anything is built on what stands there,
    /// it is brought to the disk.
    private static func writeLogAgain(_ path: String) throws(StorageFault) {
        do throws(StorageFault) {
            try FileSystem.writeAgain(path)
        } catch {
            // Some file systems write in another place, which a full disk does not have. What makes room needs us running.
            guard error.isFull else { throw error }
        }
    }

    /// SQLite would make the file readable for all; its log takes over the mode of the file.
    private static func makeFile(_ path: String) throws(StorageFault) {
        let descriptor = try FileSystem.open(path, O_RDWR | O_CREAT, mode: 0o600)
        try FileSystem.close(descriptor, path: path)
    }
}

/// Why the store cannot be used.
public enum SQLiteStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    case unusable(StorageFault)
    /// A setting on which durability rests does not hold.
    case notDurable(path: String, setting: String, expected: String, found: String)
    /// The file was written by a later version of the program.
    case newerSchema(path: String, known: Int, found: Int)

    public var description: String {
        switch self {
        case .unusable(let fault):
            "the queue cannot be opened: \(fault)"
        case .notDurable(let path, let setting, let expected, let found):
            """
            \(path): SQLite's \(setting) is \(found) instead of \(expected); without it an accepted message could be lost
            """
        case .newerSchema(let path, let known, let found):
            "\(path) has schema \(found), this program knows up to \(known); start the version that wrote it"
        }
    }
}
