import GRDB
import PosternMail

/// Goes over the recipients that a filter names, in the order of the queue, a bounded part at a time.
///
/// Every text is fixed and every value a bound parameter, whichever conditions are given (C16).
struct SQLiteQueueScan {
    /// Message numbers looked at with one statement: some milliseconds, for which the writer waits.
    static let window: Int64 = 2_048

    private let filter: QueueFilter
    private let arguments: [String: (any DatabaseValueConvertible)?]

    init(_ filter: QueueFilter) {
        self.filter = filter
        arguments = [
            "ids": filter.ids.map { ids in "[" + ids.map { "\"\($0)\"" }.joined(separator: ",") + "]" },
            "sender": filter.sender?.column, "recipient": filter.recipient?.description,
            "host": filter.destination.map { "@\($0)" }, "before": filter.receivedBefore?.nanoseconds,
            "after": filter.receivedAfter?.nanoseconds, "reason": filter.reason,
            "state": filter.state.map(StoredState.init)?.rawValue,
        ]
    }

    /// A part of the queue: the messages `first` to `last`, of `first` the recipients behind `position`.
    struct Part {
        var first: Int64
        var position: Int64
        var last: Int64
    }

    /// The part that comes after a place; nil where nothing does.
    func part(after cursor: QueueCursor?, in database: Database) throws -> Part? {
        var first: Int64 = 0
        var position: Int64 = -1
        if let cursor {
            let goesOn = cursor.position < .max
            first = goesOn ? cursor.message : cursor.message + 1
            position = goesOn ? cursor.position : -1
        }
        // Ids are found by their index, however far they are from one another.
        if filter.ids != nil { return Part(first: first, position: position, last: .max) }
        let statement = try database.cachedStatement(
            sql: "SELECT number FROM message WHERE number >= ? ORDER BY number LIMIT 1")
        guard let found = try Int64.fetchOne(statement, arguments: [first]) else { return nil }
        return Part(first: found, position: found == first ? position : -1, last: found + Self.window - 1)
    }

    /// Where to go on when nothing is left of a part.
    func next(after part: Part) -> QueueCursor? {
        filter.ids == nil ? QueueCursor(message: part.last) : nil
    }

    /// The rows of a part: first `columns`, of `m` (message) and `r` (recipient).
    func rows(_ columns: String, of part: Part, limit: Int, in database: Database) throws -> RowCursor {
        let source = filter.ids == nil ? Self.everyMessage : Self.namedMessages
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) \(source) \(Self.conditions) ORDER BY m.number, r.position LIMIT :limit")
        var arguments = arguments
        if filter.ids == nil { arguments["ids"] = nil }
        arguments["first"] = part.first
        arguments["position"] = part.position
        arguments["last"] = part.last
        arguments["limit"] = limit
        return try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
    }

    /// The ids of the filter that are not in the queue.
    func unknownIDs(in database: Database) throws -> [QueueID] {
        guard let ids = filter.ids else { return [] }
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM message WHERE id = ?")
        return try ids.filter { try Int.fetchOne(statement, arguments: [$0.description]) == nil }
    }

    private static let everyMessage = "FROM message m CROSS JOIN recipient r ON r.message = m.number"
    private static let namedMessages = """
        FROM (SELECT DISTINCT value FROM json_each(:ids)) j CROSS JOIN message m ON m.id = j.value
        CROSS JOIN recipient r ON r.message = m.number
        """
    private static let conditions = """
        WHERE m.number >= :first AND m.number <= :last AND (m.number > :first OR r.position > :position)
        AND (:sender IS NULL OR m.reverse_path = :sender COLLATE NOCASE)
        AND (:before IS NULL OR m.received < :before) AND (:after IS NULL OR m.received > :after)
        AND (:recipient IS NULL OR r.mailbox = :recipient COLLATE NOCASE)
        AND (:host IS NULL OR substr(r.mailbox, -length(:host)) = :host COLLATE NOCASE)
        AND (:state IS NULL OR r.state = :state)
        AND (:reason IS NULL OR instr(lower(r.reason), lower(:reason)) > 0 OR instr(lower(r.hold), lower(:reason)) > 0
             OR instr(lower(m.damage), lower(:reason)) > 0)
        """
}
