import GRDB
import GRDBSQLite
import NIOCore

/// A statement of the four that each message takes, run on SQLite itself: GRDB's arguments are arrays of boxed values, and
/// cost as much as what SQLite does with them (measured).
struct BoundStatement {
    private let statement: OpaquePointer
    private let sql: String
    private var count: Int32 = 0

    /// - Parameter sql: with one `?` for each value, or numbered ones.
    init(_ sql: String, in database: Database) throws {
        statement = try database.cachedStatement(sql: sql).sqliteStatement
        self.sql = sql
    }

    /// The next value.
    mutating func bind(_ number: Int64) {
        count += 1
        sqlite3_bind_int64(statement, count, number)
    }

    /// The next value.
    mutating func bind(_ number: Int) { bind(Int64(number)) }

    /// The next value; NULL for nil.
    mutating func bind(_ text: String?) {
        count += 1
        guard var text else {
            sqlite3_bind_null(statement, count)
            return
        }
        _ = text.withUTF8 { octets in
            octets.withMemoryRebound(to: CChar.self) {
                // Without an address it would be NULL.
                $0.isEmpty
                    ? sqlite3_bind_text(statement, count, "", 0, Self.copied)
                    : sqlite3_bind_text(statement, count, $0.baseAddress, Int32($0.count), Self.copied)
            }
        }
    }

    /// Runs it once, with octets as the last value; NULL for nil.
    mutating func run(lastValue octets: ByteBuffer?) throws {
        count += 1
        guard let octets else {
            sqlite3_bind_null(statement, count)
            return try run()
        }
        try octets.withUnsafeReadableBytes { octets in
            if octets.isEmpty {
                sqlite3_bind_zeroblob(statement, count, 0)
            } else {
                // Used in place: they are there until it has run.
                sqlite3_bind_blob64(statement, count, octets.baseAddress, UInt64(octets.count), nil)
            }
            try run()
        }
    }

    /// Runs it once. It gives no rows.
    /// - Throws: `DatabaseError`.
    func run() throws {
        let code = sqlite3_step(statement)
        let database = sqlite3_db_handle(statement)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(database)),
                message: String(cString: sqlite3_errmsg(database)), sql: sql)
        }
    }

    /// SQLite's word for a text that it is to copy.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
