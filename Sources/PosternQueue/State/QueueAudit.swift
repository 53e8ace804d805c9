public import PosternMail

/// What the comparison of messages and body files at a start has found.
public struct QueueAudit: Hashable, Sendable {
    /// Messages whose body is missing or has another length: kept, listed, not delivered.
    public var damaged: [DamagedMessage] = []
    /// Messages that were damaged and have their body again.
    public var repaired: [QueueID] = []
    /// Files without a message, where they are now. Such a message was never acknowledged, or it had been delivered
    /// already, or its row was lost.
    public var setAside: [String] = []
    /// Recipients whose delivery had begun when the last process ended.
    public var interrupted = 0
    /// Messages that are held from now on, since they were under way at `crashLimit` such ends in a row.
    public var held: [QueueID] = []

    /// So often a message may be under way when the process ends without having settled it.
    public static let crashLimit = 5

    /// Compares the store with the folder of bodies, before anything else uses either.
    /// - Parameter latestDue: no attempt can be due later; one that is was set by a clock that was ahead.
    /// - Throws: `QueueError`; nothing is then known of what is in the queue, and the process must not go on.
    public static func run(
        store: any QueueStore, state: StateDirectory, at now: Timestamp, latestDue: Timestamp = .distantFuture
    ) throws(QueueError) -> QueueAudit {
        var audit = QueueAudit()
        let filed = try store.filedBodies()
        var findings: [(QueueID, Damage?)] = []
        for body in filed {
            let damage = try self.damage(of: body, in: state.bodies)
            if (damage != nil) != body.isDamaged { findings.append((body.id, damage)) }
        }
        audit.repaired = findings.filter { $0.1 == nil }.map(\.0)
        do {
            let released = try store.transaction { transaction in
                for (id, damage) in findings { try transaction.mark(id, damage: damage) }
                let released = try transaction.releaseClaims(at: now, holdingAfter: crashLimit, reason: crashReason)
                try transaction.bringForward(to: latestDue)
                return released
            }
            audit.interrupted = released.recipients
            audit.held = released.held
        } catch {
            throw QueueError(error, operation: "audit", path: state.databasePath)
        }
        audit.setAside = try setAside(filed, state)
        audit.damaged = try store.damagedMessages()
        return audit
    }

    private static let crashReason = """
        the process ended \(crashLimit) times in a row while it was being delivered; it may be the cause
        """

    private static func damage(of body: FiledBody, in folder: BodyFolder) throws(QueueError) -> Damage? {
        let path = folder.path(of: body.id)
        let found: Int?
        do {
            found = try FileSystem.length(of: path)
        } catch {
            throw .failed(error)
        }
        guard let found else { return .bodyMissing(path: path) }
        return found == body.length ? nil : .bodyLength(expected: body.length, found: found)
    }

    private static func setAside(_ filed: [FiledBody], _ state: StateDirectory) throws(QueueError) -> [String] {
        let known = Set(filed.map(\.id))
        do {
            let strays = try state.bodies.ids().filter { !known.contains($0) }.sorted()
            let targets = try strays.map { id throws(StorageFault) in
                let target = "\(state.setAsidePath)/\(id)"
                try FileSystem.rename(state.bodies.path(of: id), to: target)
                return target
            }
            if !targets.isEmpty {
                try FileSystem.syncFolder(state.setAsidePath)
                try FileSystem.syncFolder(state.bodies.path)
            }
            return targets
        } catch {
            throw .failed(error)
        }
    }
}
