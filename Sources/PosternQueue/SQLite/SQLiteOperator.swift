import GRDB
import PosternMail

/// What an operator's changes are in SQL.
extension SQLiteTransaction {
    func change(
        _ change: QueueChange, of filter: QueueFilter, after cursor: QueueCursor?, limit: Int, at now: Timestamp
    ) throws(QueueError) -> QueueChangeStep {
        do {
            let scan = SQLiteQueueScan(filter)
            var step = QueueChangeStep()
            if cursor == nil { step.report.unknown = try scan.unknownIDs(in: database) }
            guard let part = try scan.part(after: cursor, in: database) else { return step }
            // All of them first: a statement that is read while its rows change may see them twice.
            let rows = try Self.rows(of: part, of: scan, limit: limit, in: database)
            try apply(change, to: rows, at: now, &step)
            if rows.count == limit, let last = rows.last {
                step.next = QueueCursor(message: last.message, position: last.position)
            } else {
                step.next = scan.next(after: part)
            }
            if let place = step.next, try scan.part(after: place, in: database) == nil { step.next = nil }
            return step
        } catch {
            throw QueueError(error, operation: "change", path: path)
        }
    }

    private struct FoundRecipient {
        let message: Int64
        let position: Int64
        let state: StoredState
    }

    private static func rows(
        of part: SQLiteQueueScan.Part, of scan: SQLiteQueueScan, limit: Int, in database: Database
    ) throws -> [FoundRecipient] {
        var found: [FoundRecipient] = []
        let rows = try scan.rows("m.number, r.position, r.state", of: part, limit: limit, in: database)
        while let row = try rows.next() {
            let state = StoredState(rawValue: row[2]) ?? .damaged
            found.append(FoundRecipient(message: row[0], position: row[1], state: state))
        }
        return found
    }

    private func apply(
        _ change: QueueChange, to rows: [FoundRecipient], at now: Timestamp, _ step: inout QueueChangeStep
    ) throws {
        var lastChanged: Int64?
        var lastSeen: Int64?
        for row in rows {
            if case .remove = change, let lastSeen, lastSeen != row.message { try removeIfEmpty(lastSeen, &step) }
            lastSeen = row.message
            if row.state == .claimed {
                step.report.underWay += 1
                continue
            }
            guard change.concerns(row.state) else {
                step.report.unaffected += 1
                continue
            }
            try apply(change, to: row, at: now)
            step.report.recipients += 1
            if lastChanged != row.message { step.report.messages += 1 }
            lastChanged = row.message
            if change == .retry || change == .release { step.due += 1 }
        }
        if case .remove = change, let lastSeen { try removeIfEmpty(lastSeen, &step) }
    }

    private func apply(_ change: QueueChange, to row: FoundRecipient, at now: Timestamp) throws {
        switch change {
        case .retry, .release:
            // What is damaged has no whole body to be delivered; it waits for that instead.
            try execute(
                """
                UPDATE recipient SET due = ?, crashes = 0, hold = NULL,
                    state = (SELECT iif(damage IS NULL, 0, 3) FROM message WHERE number = ?)
                WHERE message = ? AND position = ?
                """, [now.nanoseconds, row.message, row.message, row.position])
        case .hold(let reason):
            try execute(
                "UPDATE recipient SET state = ?, hold = ? WHERE message = ? AND position = ?",
                [StoredState.held.rawValue, reason, row.message, row.position])
        case .remove:
            try execute("DELETE FROM recipient WHERE message = ? AND position = ?", [row.message, row.position])
        }
    }

    private func removeIfEmpty(_ number: Int64, _ step: inout QueueChangeStep) throws(QueueError) {
        let message = try fetchRows("SELECT id, in_file, length FROM message WHERE number = ?", [number]).first
        guard let message, try removeMessageIfEmpty(number, length: message[2]) else { return }
        step.report.removedMessages += 1
        if message[1] as Bool, let id = QueueID(message[0] as String) { step.filedBodies.append(id) }
    }

    func probe(at now: Timestamp) throws(QueueError) {
        try execute("INSERT OR REPLACE INTO probe (number, at) VALUES (1, ?)", [now.nanoseconds])
    }

    func releaseClaims(at now: Timestamp, holdingAfter ends: Int, reason: String) throws(QueueError) -> ReleasedClaims {
        var released = ReleasedClaims()
        try execute("UPDATE recipient SET crashes = crashes + 1 WHERE state = 1", [])
        released.held = try fetchRows(
            """
            SELECT id FROM message WHERE number IN (SELECT message FROM recipient WHERE state = 1 AND crashes >= ?)
            ORDER BY number
            """, [ends]
        ).compactMap { QueueID($0[0] as String) }
        try execute("UPDATE recipient SET state = 4, hold = ? WHERE state = 1 AND crashes >= ?", [reason, ends])
        try spaceSuspects(from: now, alone: ends - 1)
        try execute("UPDATE recipient SET state = 0 WHERE state = 1", [])
        released.recipients = database.changesCount
        return released
    }

    /// - Parameter ends: so many, and the next one is the last.
    private func spaceSuspects(from now: Timestamp, alone ends: Int) throws(QueueError) {
        let suspects = try fetchRows(
            """
            SELECT message, max(crashes) FROM recipient WHERE state = 1 AND crashes > 1
            GROUP BY message ORDER BY max(crashes) DESC, message
            """, [])
        for (place, row) in suspects.enumerated() {
            try execute(
                "UPDATE recipient SET due = max(due, ?) WHERE message = ? AND state = 1 AND crashes > 1",
                [(now + Self.suspectSpacing * place).nanoseconds, row[0] as Int64])
        }
        let last = suspects.count { $0[1] as Int >= ends }
        guard last > 0 else { return }
        // Beside a hundred others an attempt takes its time, and would be under way at the next end, too.
        let end = (now + Self.suspectSpacing * last).nanoseconds
        try execute("UPDATE recipient SET due = ?1 WHERE state = 0 AND due < ?1", [end])
        try execute("UPDATE recipient SET due = max(due, ?) WHERE state = 1 AND crashes < ?", [end, ends])
    }

    /// Long for an attempt that ends the process, short for the others that wait behind it.
    private static let suspectSpacing = Duration.milliseconds(250)
}

extension QueueChange {
    fileprivate func concerns(_ state: StoredState) -> Bool {
        switch self {
        case .retry, .hold: state == .waiting || state == .failed
        case .release: state == .held
        case .remove: true
        }
    }
}
