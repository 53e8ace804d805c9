import GRDB

/// The settings on which speed and durability rest.
enum SQLitePragmas {
    /// Octets. A commit writes each page that it touches whole, so that small messages want small pages; large bodies want
    /// few. Measured against 16 KiB: a twentieth more messages of 4 KiB a second, as many of 20 KiB, fewer of 100 KiB.
    static let pageSize = 8192

    /// Before the file is first read.
    static func prepare(_ database: Database) throws {
        // What a long queue took of the disk can be given back, a little at a time (`SQLiteStore.makeRoom`).
        try database.execute(
            sql: "PRAGMA page_size = \(pageSize); PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE")
        // Debian's SQLite overwrites what is deleted with zeros, and so writes each page that a message leaves once more,
        // which no mail server does with the files of its queue (measured: two thirds of what a commit writes).
        try database.execute(sql: "PRAGMA secure_delete = OFF")
    }

    /// After everything else that could change them; then each is read back.
    /// - Throws: `SQLiteStoreError.notDurable`.
    static func makeDurable(_ database: Database, path: String) throws {
        try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        try verify(database, path: path)
    }

    static func verify(_ database: Database, path: String) throws {
        for (setting, expected) in [("journal_mode", "wal"), ("synchronous", "2"), ("locking_mode", "exclusive")] {
            let found = try String.fetchOne(database, sql: "PRAGMA \(setting)") ?? "unknown"
            if found != expected {
                throw SQLiteStoreError.notDurable(
                    path: path, setting: setting, expected: expected, found: found)
            }
        }
    }
}
