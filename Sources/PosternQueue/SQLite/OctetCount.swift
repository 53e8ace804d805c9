import GRDB
import Synchronization

/// Octets of the messages in the store. What an earlier process has left is counted a part at a time, between commits: to
/// walk over a long queue takes seconds, and a start is not to wait for it.
final class OctetCount: Sendable {
    private struct State {
        var octets = 0
        /// Rows of these numbers are not counted yet, whenever they came.
        var rest: ClosedRange<Int64>?
    }

    /// Rows of a part: some milliseconds.
    private static let part = 1_000

    private let state = Mutex(State())

    /// Nil until all are counted.
    var octets: Int? { state.withLock { $0.rest == nil ? $0.octets : nil } }

    /// Begins with what is there.
    func begin(in database: Database) throws {
        let row = try Row.fetchOne(database, sql: "SELECT min(number), max(number) FROM message")
        guard let first = row?[0] as Int64?, let last = row?[1] as Int64? else { return }
        state.withLock { $0.rest = first...last }
        try countPart(in: database)
    }

    /// Of a message that comes or goes: whether it counts now, or will when the walk comes by.
    func includes(_ number: Int64) -> Bool {
        state.withLock { !($0.rest?.contains(number) ?? false) }
    }

    func add(_ octets: Int) {
        state.withLock { $0.octets += octets }
    }

    func countPart(in database: Database) throws {
        guard let rest = state.withLock({ $0.rest }) else { return }
        let rows = try Row.fetchAll(
            database, sql: "SELECT number, length FROM message WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?",
            arguments: [rest.lowerBound, rest.upperBound, Self.part])
        let octets = rows.reduce(0) { $0 + ($1[1] as Int) }
        let isOver = rows.count < Self.part
        state.withLock { state in
            state.octets += octets
            let last: Int64 = rows.last?[0] ?? rest.upperBound
            state.rest = isOver || last >= rest.upperBound ? nil : (last + 1)...rest.upperBound
        }
    }
}
