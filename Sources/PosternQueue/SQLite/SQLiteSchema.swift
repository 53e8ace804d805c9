import GRDB

/// The tables and how they came to be. `user_version` holds the number of migrations that a file has seen.
enum SQLiteSchema {
    /// In order; one that was released never changes.
    static let migrations = [first, deliveryStatus, operatorsHands]

    /// A message's row is written once, with its body in it if that is small; what changes stands with the recipients.
    private static let first = """
        CREATE TABLE message (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            reverse_path TEXT NOT NULL,      -- empty: the null reverse-path
            body_type TEXT NOT NULL,         -- 7BIT, 8BITMIME
            account TEXT NOT NULL,
            authentication TEXT NOT NULL,
            received INTEGER NOT NULL,       -- nanoseconds since 1970
            length INTEGER NOT NULL,         -- octets of the body
            in_file INTEGER NOT NULL,        -- 1: the body is the file bodies/ID
            damage TEXT,                     -- why it is not delivered
            body BLOB
        ) STRICT;
        CREATE INDEX message_in_file ON message (id, length) WHERE in_file = 1;
        CREATE INDEX message_damaged ON message (id) WHERE damage IS NOT NULL;
        CREATE TABLE recipient (
            message INTEGER NOT NULL REFERENCES message (number),
            position INTEGER NOT NULL,       -- in the envelope, from 0
            mailbox TEXT NOT NULL,
            state INTEGER NOT NULL,          -- RecipientState
            attempts INTEGER NOT NULL,       -- counted before they are made
            due INTEGER NOT NULL,            -- nanoseconds since 1970
            reason TEXT,                     -- of the last deferral or failure
            PRIMARY KEY (message, position)
        ) STRICT, WITHOUT ROWID;
        -- Only what waits stands in the index of what is due.
        CREATE INDEX recipient_due ON recipient (due) WHERE state = 0;
        """

    /// What a sender wants to hear (RFC 3461), and has heard.
    private static let deliveryStatus = """
        ALTER TABLE message ADD COLUMN ret TEXT;      -- FULL, HDRS; NULL: not said
        ALTER TABLE message ADD COLUMN envid TEXT;    -- xtext
        ALTER TABLE recipient ADD COLUMN notify TEXT; -- NEVER, or SUCCESS,FAILURE,DELAY
        ALTER TABLE recipient ADD COLUMN orcpt TEXT;  -- type;xtext
        ALTER TABLE recipient ADD COLUMN warned INTEGER NOT NULL DEFAULT 0; -- 1: the sender knows of the delay
        """

    /// What an operator holds, what ended the process, and a row to try commits with.
    private static let operatorsHands = """
        ALTER TABLE recipient ADD COLUMN hold TEXT;                          -- why it is held
        ALTER TABLE recipient ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0; -- ends of the process under its attempts, in a row
        CREATE TABLE probe (number INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        """

    /// Brings the file to this program's schema, in one transaction.
    /// - Throws: `SQLiteStoreError.newerSchema`.
    static func migrate(_ database: Database, path: String) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= migrations.count else {
            throw SQLiteStoreError.newerSchema(path: path, known: migrations.count, found: found)
        }
        guard found < migrations.count else { return }
        try database.inTransaction(.immediate) {
            for migration in migrations[found...] { try database.execute(sql: migration) }
            // A pragma takes no parameters; the number is our own.
            try database.execute(sql: "PRAGMA user_version = \(migrations.count)")
            return .commit
        }
    }
}

/// What a recipient waits for, as the column says it.
enum StoredState: Int {
    case waiting = 0
    case claimed = 1
    case failed = 2
    /// The message is damaged.
    case damaged = 3
    case held = 4
}

extension StoredState {
    init(_ state: RecipientState) {
        switch state {
        case .waiting: self = .waiting
        case .underWay: self = .claimed
        case .failed: self = .failed
        case .damaged: self = .damaged
        case .held: self = .held
        }
    }

    var state: RecipientState {
        switch self {
        case .waiting: .waiting
        case .claimed: .underWay
        case .failed: .failed
        case .damaged: .damaged
        case .held: .held
        }
    }
}
