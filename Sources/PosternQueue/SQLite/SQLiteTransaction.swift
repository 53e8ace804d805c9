import GRDB
import NIOCore
import PosternMail

/// A transaction of `SQLiteStore`. Every value is a bound parameter; statements are prepared once a connection.
final class SQLiteTransaction: QueueTransaction {
    let database: Database
    let path: String
    /// Roughly what the log grows by at the commit: bodies, rows, and the pages that each transaction touches.
    private(set) var writtenOctets = 4 * SQLitePragmas.pageSize

    /// Octets of messages that came, less those of messages that left.
    private(set) var growth = 0

    private let octetCount: OctetCount

    init(database: Database, path: String, octetCount: OctetCount) {
        self.database = database
        self.path = path
        self.octetCount = octetCount
    }

    func enqueue(_ message: NewMessage, claiming: Bool) throws(QueueError) -> Claim? {
        let number = try insert(message)
        let state = claiming ? StoredState.claimed : .waiting
        let attempts = claiming ? 1 : 0
        for (position, recipient) in message.envelope.recipients.enumerated() {
            try run(
                """
                INSERT INTO recipient (message, position, mailbox, state, attempts, due, notify, orcpt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
            ) { row in
                row.bind(number)
                row.bind(position)
                row.bind(recipient.mailbox.description)
                row.bind(state.rawValue)
                row.bind(attempts)
                row.bind(message.received.nanoseconds)
                row.bind(recipient.notify?.description)
                row.bind(recipient.originalRecipient?.parameter)
            }
        }
        guard claiming else { return nil }
        let recipients = message.envelope.recipients.enumerated().map { position, recipient in
            ClaimedRecipient(recipient, position: position, attempt: 1)
        }
        return Claim(
            message: message.queued, recipients: recipients,
            token: ClaimToken(rawValue: number, bodyIsFiled: message.body.isFiled))
    }

    /// - Returns: the number of the new row.
    private func insert(_ message: NewMessage) throws(QueueError) -> Int64 {
        var body: ByteBuffer?
        if case .inline(let octets) = message.body {
            body = octets
            writtenOctets += octets.readableBytes
        }
        let queued = message.queued
        do {
            var row = try BoundStatement(
                """
                INSERT INTO message
                    (id, reverse_path, body_type, account, authentication, received, length, in_file, ret, envid, body)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, in: database)
            row.bind(queued.id.description)
            row.bind(queued.reversePath.column)
            row.bind(queued.bodyType.rawValue)
            row.bind(queued.account)
            row.bind(queued.authentication)
            row.bind(queued.received.nanoseconds)
            row.bind(queued.length)
            row.bind(message.body.isFiled ? 1 : 0)
            row.bind(queued.returnedContent?.rawValue)
            row.bind(queued.envelopeID?.xtext)
            try row.run(lastValue: body)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw .duplicate(message.id)
        } catch {
            throw QueueError(error, operation: "INSERT", path: path)
        }
        writtenOctets += Self.rowLength
        let number = database.lastInsertedRowID
        if octetCount.includes(number) { growth += queued.length }
        return number
    }

    func claimDue(at now: Timestamp, limit: Int) throws(QueueError) -> ClaimedBatch {
        var claims: [Claim] = []
        while claims.count < limit, let number = try nextDueMessage(at: now) {
            if let claim = try self.claim(number, at: now) { claims.append(claim) }
        }
        return ClaimedBatch(claims: claims, nextDue: try nextDue())
    }

    private func nextDueMessage(at now: Timestamp) throws(QueueError) -> Int64? {
        try fetchRow(
            "SELECT message FROM recipient WHERE state = 0 AND due <= ? ORDER BY due LIMIT 1", [now.nanoseconds]
        )?[0]
    }

    private func nextDue() throws(QueueError) -> Timestamp? {
        let row = try fetchRow("SELECT due FROM recipient WHERE state = 0 ORDER BY due LIMIT 1", [])
        return row.map { Timestamp(nanoseconds: $0[0]) }
    }

    /// - Returns: nil if the rows cannot be read: the message is then marked and not due any more.
    private func claim(_ number: Int64, at now: Timestamp) throws(QueueError) -> Claim? {
        let recipients = try fetchRows(
            """
            UPDATE recipient SET state = 1, attempts = attempts + 1 WHERE message = ? AND state = 0 AND due <= ?
            RETURNING position, mailbox, attempts, notify, orcpt, warned
            """, [number, now.nanoseconds])
        let row = try fetchRow(
            """
            SELECT id, reverse_path, body_type, length, received, account, authentication, ret, envid, in_file
            FROM message WHERE number = ?
            """, [number])
        do {
            let message = try QueuedMessage(row)
            let claimed = try recipients.map { row throws(Damage) in try ClaimedRecipient(row) }
                .sorted { $0.position < $1.position }
            let token = ClaimToken(rawValue: number, bodyIsFiled: row?[9] ?? false)
            return Claim(message: message, recipients: claimed, token: token)
        } catch {
            try mark(number, damage: error)
            return nil
        }
    }

    func settle(_ settlement: Settlement) throws(QueueError) -> SettlementResult {
        let claim = settlement.claim
        guard settlement.outcomes.count == claim.recipients.count else {
            throw .outcomesMissing(
                claim.message.id, expected: claim.recipients.count, found: settlement.outcomes.count)
        }
        for (recipient, outcome) in zip(claim.recipients, settlement.outcomes) {
            try apply(outcome, to: recipient, of: claim, isReported: !settlement.reports.isEmpty)
            guard database.changesCount == 1 else { throw .claimLost(claim.message.id) }
        }
        for report in settlement.reports { _ = try enqueue(report, claiming: false) }
        return try removeMessageIfEmpty(claim.token.rawValue, length: claim.message.length)
            ? .emptied(bodyIsFiled: claim.token.bodyIsFiled) : .remains
    }

    /// Removes a message that has no recipient left.
    /// - Parameter length: its octets.
    /// - Returns: whether it was removed.
    func removeMessageIfEmpty(_ number: Int64, length: Int) throws(QueueError) -> Bool {
        try run(
            "DELETE FROM message WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM recipient WHERE message = ?1)"
        ) { $0.bind(number) }
        guard database.changesCount == 1 else { return false }
        if octetCount.includes(number) { growth -= length }
        return true
    }

    private func apply(
        _ outcome: Settlement.Outcome, to recipient: ClaimedRecipient, of claim: Claim, isReported: Bool
    ) throws(QueueError) {
        let number = claim.token.rawValue
        switch outcome {
        case .delivered, .dropped:
            try remove(recipient, of: number)
        case .failed where isReported:
            try remove(recipient, of: number)
        case .deferred(let due, let reason):
            try wait(recipient, of: number, until: due, reason, isWarned: recipient.isWarned)
        case .warned(let due, let reason):
            try wait(recipient, of: number, until: due, reason, isWarned: true)
        case .postponed(let due, let reason, let isWarned):
            try execute(
                """
                UPDATE recipient
                SET state = 0, due = ?, attempts = attempts - 1, reason = coalesce(?, reason), warned = max(warned, ?)
                WHERE message = ? AND position = ? AND state = 1 AND attempts = ?
                """, [due.nanoseconds, reason, isWarned, number, recipient.position, recipient.attempt])
        case .failed(let reason):
            try execute(
                """
                UPDATE recipient SET state = 2, reason = ?
                WHERE message = ? AND position = ? AND state = 1 AND attempts = ?
                """, [reason, number, recipient.position, recipient.attempt])
        }
    }

    private func wait(
        _ recipient: ClaimedRecipient, of number: Int64, until due: Timestamp, _ reason: String, isWarned: Bool
    ) throws(QueueError) {
        try execute(
            """
            UPDATE recipient SET state = 0, due = ?, reason = ?, warned = ?, crashes = 0
            WHERE message = ? AND position = ? AND state = 1 AND attempts = ?
            """, [due.nanoseconds, reason, isWarned, number, recipient.position, recipient.attempt])
    }

    private func remove(_ recipient: ClaimedRecipient, of number: Int64) throws(QueueError) {
        try run("DELETE FROM recipient WHERE message = ? AND position = ? AND state = 1 AND attempts = ?") { row in
            row.bind(number)
            row.bind(recipient.position)
            row.bind(recipient.attempt)
        }
    }

    func bringForward(to latest: Timestamp) throws(QueueError) {
        try execute("UPDATE recipient SET due = ?1 WHERE state = 0 AND due > ?1", [latest.nanoseconds])
    }

    func mark(_ id: QueueID, damage: Damage?) throws(QueueError) {
        let row = try fetchRow("SELECT number FROM message WHERE id = ?", [id.description])
        guard let number = row?[0] as Int64? else { return }
        try mark(number, damage: damage)
    }

    private func mark(_ number: Int64, damage: Damage?) throws(QueueError) {
        try execute("UPDATE message SET damage = ? WHERE number = ?", [damage?.description, number])
        let (from, to) = damage == nil ? ([3], 0) : ([0, 1], 3)
        for state in from {
            try execute("UPDATE recipient SET state = ? WHERE message = ? AND state = ?", [to, number, state])
        }
    }
}

extension SQLiteTransaction {
    private static let rowLength = 512

    func execute(_ sql: String, _ arguments: StatementArguments) throws(QueueError) {
        do {
            try database.cachedStatement(sql: sql).execute(arguments: arguments)
        } catch {
            throw QueueError(error, operation: "statement", path: path)
        }
        writtenOctets += Self.rowLength
    }

    /// The same for a statement of which each message takes some.
    private func run(_ sql: String, _ bind: (inout BoundStatement) -> Void) throws(QueueError) {
        do {
            var statement = try BoundStatement(sql, in: database)
            bind(&statement)
            try statement.run()
        } catch {
            throw QueueError(error, operation: "statement", path: path)
        }
        writtenOctets += Self.rowLength
    }

    private func fetchRow(_ sql: String, _ arguments: StatementArguments) throws(QueueError) -> Row? {
        try fetchRows(sql, arguments).first
    }

    func fetchRows(_ sql: String, _ arguments: StatementArguments) throws(QueueError) -> [Row] {
        do {
            return try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
        } catch {
            throw QueueError(error, operation: "statement", path: path)
        }
    }
}
