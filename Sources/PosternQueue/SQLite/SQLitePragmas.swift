import GRDB

/// The settings on which speed and durability rest.
enum SQLitePragmas {
    /// Octets. Measured against 4 KiB: as many messages of 4 KiB a second, a sixth more of 20 KiB, half as many more of
    /// 100 KiB.
    static let pageSize = 16384

    /// Before the file is first read.
    static func prepare(_ database: Database) throws {
        // What a long queue took of the disk can be given back, a little at a time (`SQLiteStore.makeRoom`).
        try database.execute(
            sql: "PRAGMA page_size = \(pageSize); PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE")
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
