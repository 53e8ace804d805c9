import Dispatch
import PosternMail
import PosternQueue
import Synchronization

/// A store before which a test can put a gate or a fault, and which tells what happened when.
final class ScriptedStore: QueueStore {
    private let store: any QueueStore
    private let log: EventLog
    private let beforeTransaction: @Sendable (Int) throws -> Void
    private let roomFault: StorageFault?
    private let count = Mutex(0)

    /// - Parameters:
    ///   - roomFault: there is no room for new messages, and the storage fails when some is to be made.
    ///   - beforeTransaction: called with the number of the transaction, from 1; may block or throw.
    init(
        _ store: any QueueStore, log: EventLog, roomFault: StorageFault? = nil,
        beforeTransaction: @escaping @Sendable (Int) throws -> Void = { _ in }
    ) {
        self.roomFault = roomFault
        self.store = store
        self.log = log
        self.beforeTransaction = beforeTransaction
    }

    var transactions: Int { count.withLock { $0 } }

    func transaction<Answer>(_ work: (any QueueTransaction) throws -> Answer) throws -> Answer {
        let number = count.withLock { count in
            count += 1
            return count
        }
        try beforeTransaction(number)
        let answer = try store.transaction(work)
        log.note("commit")
        return answer
    }

    func body(of claim: Claim) throws(QueueError) -> StoredBody { try store.body(of: claim) }
    func counts() throws(QueueError) -> QueueCounts { try store.counts() }
    var octets: Int? { store.octets }
    func oldest() throws(QueueError) -> Timestamp? { try store.oldest() }
    func list(
        _ filter: QueueFilter, after cursor: QueueCursor?, limit: Int, recipientLimit: Int
    ) throws(QueueError) -> QueuePage {
        try store.list(filter, after: cursor, limit: limit, recipientLimit: recipientLimit)
    }
    func damagedMessages() throws(QueueError) -> [DamagedMessage] { try store.damagedMessages() }
    func filedBodies() throws(QueueError) -> [FiledBody] { try store.filedBodies() }
    func maintain() throws(QueueError) { try store.maintain() }
    var takesNewMessages: Bool { roomFault == nil && store.takesNewMessages }
    func makeRoom() throws(QueueError) {
        log.note("make room")
        if let roomFault { throw .failed(roomFault) }
        try store.makeRoom()
    }
}

/// What happened, in order.
final class EventLog: Sendable {
    private let events = Mutex<[String]>([])

    func note(_ event: String) {
        events.withLock { $0.append(event) }
    }

    var all: [String] { events.withLock { $0 } }
}

/// Lets a thread wait until a test opens it.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }
    func pass() { semaphore.wait() }
}
