import GRDB
import PosternMail

extension QueuePage {
    private static let columns = """
        m.number, r.position, r.mailbox, r.state, r.attempts, r.due, r.reason, r.hold,
        m.id, m.reverse_path, m.length, m.received, m.account, m.authentication, m.body_type, m.damage
        """

    /// Parts of the queue that one page looks at, at most.
    private static let parts = 4

    init(
        _ filter: QueueFilter, after start: QueueCursor?, limit: Int, recipientLimit: Int, in database: Database
    ) throws {
        let scan = SQLiteQueueScan(filter)
        next = start
        var parts = 0
        while parts < Self.parts, entries.count < limit {
            guard let part = try scan.part(after: next, in: database) else {
                next = nil
                return
            }
            let end = try add(part, of: scan, limit: limit, recipientLimit: recipientLimit, in: database)
            if end == nil { parts += 1 }
            next = end ?? scan.next(after: part)
            if next == nil { return }
        }
        // The end of the queue is said with the last page, not with an empty one behind it.
        if let place = next, try scan.part(after: place, in: database) == nil { next = nil }
    }

    /// - Returns: where to go on if the page, or the list of one message's recipients, is full before the part's end.
    private mutating func add(
        _ part: SQLiteQueueScan.Part, of scan: SQLiteQueueScan, limit: Int, recipientLimit: Int, in database: Database
    ) throws -> QueueCursor? {
        let rows = try scan.rows(Self.columns, of: part, limit: .max, in: database)
        var last: Int64?
        while let row = try rows.next() {
            let number: Int64 = row[0]
            if number != last {
                if let last, entries.count >= limit { return QueueCursor(message: last) }
                guard let entry = QueueEntry(row) else { continue }
                entries.append(entry)
                last = number
            } else if entries[entries.count - 1].recipients.count >= recipientLimit {
                entries[entries.count - 1].hasMoreRecipients = true
                return QueueCursor(message: number)
            }
            entries[entries.count - 1].recipients.append(QueuedRecipient(row))
        }
        return nil
    }
}

extension QueueEntry {
    /// From the columns of a listing; nil if its id is none, by which it could not be called.
    fileprivate init?(_ row: Row) {
        guard let id = QueueID(row[8] as String) else { return nil }
        self.init(
            id: id, sender: row[9], length: row[10], received: Timestamp(nanoseconds: row[11]), account: row[12],
            authentication: row[13], bodyType: row[14], damage: row[15])
    }
}

extension QueuedRecipient {
    fileprivate init(_ row: Row) {
        self.init(
            mailbox: row[2], state: StoredState(rawValue: row[3])?.state ?? .damaged, attempts: row[4],
            due: Timestamp(nanoseconds: row[5]), reason: row[6], hold: row[7])
    }
}
