import Glibc
import PosternMail

/// Brings the work of many callers to stable storage with one sync of the folder and one commit.
struct GroupCommit: Sendable {
    /// What the transaction gave to one piece of work.
    private enum Answer {
        case settled(SettlementResult)
        case enqueued(Claim?)
        case claimed(ClaimedBatch)
        case changed(QueueChangeStep)
        case probed
        case nothing
        case refused(QueueError)
    }

    /// One piece of work undoes the transaction; the others are tried again without it.
    private struct Refusal: Error {
        let index: Int
        let error: QueueError
    }

    let store: any QueueStore
    let bodies: BodyFolder
    let syncCalls: SyncCalls
    let committed: @Sendable (CommitRecord) -> Void

    /// Does the work and answers each of its callers, then tells the listener.
    /// - Throws: the fault, if the storage has failed; every caller has been told so before.
    func run(_ work: [QueueWork], listener: (any CommitListener)?) throws(StorageFault) {
        let rest = try commit(Self.ordered(try admitted(of: work)), listener: listener)
        // Without room new messages are refused; what makes room is tried again with what is kept for it.
        if !rest.isEmpty, try isRoomMade(for: rest) {
            for item in try commit(rest, listener: listener) { item.fail(.full(Self.noRoom(bodies))) }
        } else {
            for item in rest { item.fail(.full(Self.noRoom(bodies))) }
        }
        if work.contains(where: { if case .makeRoom = $0 { true } else { false } }) { _ = try isRoomMade(for: []) }
        do {
            try store.maintain()
        } catch .failed(let fault) {
            throw fault
        } catch {
            // No room for a checkpoint: the log grows on, and the next one may find room.
        }
    }

    /// The work without the new messages, which are refused, where the store takes none even after room was made.
    private func admitted(of work: [QueueWork]) throws(StorageFault) -> [QueueWork] {
        guard work.contains(where: \.isNewMessage), !store.takesNewMessages else { return work }
        if try isRoomMade(for: work), store.takesNewMessages { return work }
        for item in work where item.isNewMessage {
            item.newMessage?.body.discard()
            item.fail(.full(Self.noRoom(bodies)))
        }
        return work.filter { !$0.isNewMessage }
    }

    private static func noRoom(_ bodies: BodyFolder) -> StorageFault {
        StorageFault(operation: "COMMIT", path: bodies.path, code: ENOSPC)
    }

    /// - Parameter waiting: work of which nothing is stored yet; where the storage fails its callers are told here.
    private func isRoomMade(for waiting: [QueueWork]) throws(StorageFault) -> Bool {
        do {
            try store.makeRoom()
            return true
        } catch .failed(let fault) {
            for item in waiting {
                item.newMessage?.body.discard()
                item.fail(.failed(fault))
            }
            throw fault
        } catch {
            return false
        }
    }

    /// - Returns: what found no room and is not answered yet: all but the new messages.
    private func commit(_ work: [QueueWork], listener: (any CommitListener)?) throws(StorageFault) -> [QueueWork] {
        guard !work.isEmpty else { return [] }
        let newMessages = work.count { $0.newMessage != nil }
        let reserved = newMessages > 0 ? listener?.reserve(newMessages) ?? 0 : 0
        let answers: [Answer]
        do {
            let start = ContinuousClock.now
            answers = try store(work, claiming: reserved)
            committed(CommitRecord(took: ContinuousClock.now - start))
        } catch {
            let (rest, refused) = split(work, after: error)
            for item in refused { item.fail(error) }
            if newMessages > 0 { listener?.committed([], reserved: reserved, unclaimed: 0) }
            guard case .failed(let fault) = error else { return rest }
            throw fault
        }
        let outcome = answer(work, with: answers)
        if outcome.claims.count + outcome.unclaimed > 0 || newMessages > 0 {
            listener?.committed(outcome.claims, reserved: reserved, unclaimed: outcome.unclaimed)
        }
        return []
    }

    private func split(_ work: [QueueWork], after error: QueueError) -> (rest: [QueueWork], refused: [QueueWork]) {
        guard case .full = error else { return ([], work) }
        return (work.filter { !$0.isNewMessage }, work.filter(\.isNewMessage))
    }

    /// Settlements first: the pages that they free take the new messages. Claims last: they find the new ones too.
    private static func ordered(_ work: [QueueWork]) -> [QueueWork] {
        func rank(_ item: QueueWork) -> Int {
            switch item {
            case .settle: 0
            case .enqueue, .probe: 1
            case .change: 2
            case .claim: 3
            // No part of a transaction.
            case .makeRoom: 4
            }
        }
        return (0...4).flatMap { wanted in work.filter { rank($0) == wanted } }
    }

    private func store(_ work: [QueueWork], claiming: Int) throws(QueueError) -> [Answer] {
        var refused: [Int: QueueError] = [:]
        do throws(QueueError) {
            refused = try syncBodies(of: work)
            while true {
                switch try attempt(work, refused: refused, claiming: claiming) {
                case .success(let answers):
                    return answers
                case .failure(let refusal):
                    refused[refusal.index] = refusal.error
                    removeBody(of: work[refusal.index])
                }
            }
        } catch {
            // Without room nothing was stored, and the bodies are nobody's. After a failed commit nobody knows whether
            // the rows are there: the files stay, and the next start compares. What was refused before had a body that
            // belongs to another message, or to none any more.
            if case .full = error {
                for (index, item) in work.enumerated() where refused[index] == nil { removeBody(of: item) }
            }
            throw error
        }
    }

    private func attempt(
        _ work: [QueueWork], refused: [Int: QueueError], claiming: Int
    ) throws(QueueError) -> Result<[Answer], Refusal> {
        do {
            return .success(
                try store.transaction { try apply(work, refused: refused, claiming: claiming, in: $0) })
        } catch let refusal as Refusal {
            return .failure(refusal)
        } catch let error as QueueError {
            throw error
        } catch {
            throw .failed(StorageFault(operation: "transaction", path: bodies.path, code: 0, reason: "\(error)"))
        }
    }

    /// - Returns: the work, by index, whose body cannot be stored for a reason of its own.
    private func syncBodies(of work: [QueueWork]) throws(QueueError) -> [Int: QueueError] {
        var refused: [Int: QueueError] = [:]
        var needsFolderSync = false
        for (index, item) in work.enumerated() {
            guard case .file(let file)? = item.newMessage?.body else { continue }
            do {
                try file.sync(syncCalls)
                needsFolderSync = true
            } catch .failed(let fault) {
                throw .failed(fault)
            } catch {
                refused[index] = error
            }
        }
        if needsFolderSync {
            do {
                try syncCalls.folder(bodies.path)
            } catch {
                // Whatever a sync says is final. That the folder could not be opened for it is another matter.
                throw error.operation == "open" ? QueueError(error) : .failed(error)
            }
        }
        return refused
    }

    private func apply(
        _ work: [QueueWork], refused: [Int: QueueError], claiming: Int, in transaction: any QueueTransaction
    ) throws -> [Answer] {
        var claimable = claiming
        var answers: [Answer] = []
        answers.reserveCapacity(work.count)
        for (index, item) in work.enumerated() {
            if let error = refused[index] {
                answers.append(.refused(error))
                continue
            }
            switch result(of: item, claiming: claimable > 0, in: transaction) {
            case .success(let answer):
                answers.append(answer)
                if case .enqueued = answer { claimable -= 1 }
            case .failure(let error):
                if error.concernsOneItem { throw Refusal(index: index, error: error) }
                throw error
            }
        }
        return answers
    }

    private func result(
        of item: QueueWork, claiming: Bool, in transaction: any QueueTransaction
    ) -> Result<Answer, QueueError> {
        Result { () throws(QueueError) in
            switch item {
            case .settle(let settlement, _): .settled(try transaction.settle(settlement))
            case .enqueue(let message, _): .enqueued(try transaction.enqueue(message, claiming: claiming))
            case .claim(let now, let limit, _): .claimed(try transaction.claimDue(at: now, limit: limit))
            case .change(let request, _): .changed(try transaction.change(request))
            case .probe(let now, _): try probe(transaction, at: now)
            case .makeRoom: .nothing
            }
        }
    }

    private func probe(_ transaction: any QueueTransaction, at now: Timestamp) throws(QueueError) -> Answer {
        try transaction.probe(at: now)
        return .probed
    }

    /// Callers first: a session waits for its 250, everything else can wait for that.
    private func answer(_ work: [QueueWork], with answers: [Answer]) -> (claims: [Claim], unclaimed: Int) {
        var claims: [Claim] = []
        var unclaimed = 0
        for (item, answer) in zip(work, answers) {
            switch (item, answer) {
            case (.enqueue(_, let completion), .enqueued(let claim)):
                completion(.success(()))
                if let claim { claims.append(claim) } else { unclaimed += 1 }
            case (.settle(let settlement, let completion), .settled):
                completion(.success(()))
                unclaimed += settlement.reports.count
            case (.claim(_, _, let completion), .claimed(let batch)):
                completion(.success(batch))
            case (.change(_, let completion), .changed(let step)):
                completion(.success(step))
                unclaimed += step.due
            case (.probe(_, let completion), .probed):
                completion(.success(()))
            case (_, .refused(let error)):
                item.fail(error)
            case (.enqueue, _), (.settle, _), (.claim, _), (.change, _), (.probe, _), (.makeRoom, _):
                // `apply` answers each kind of work with its own kind of answer.
                continue
            }
        }
        removeSettledBodies(work, answers)
        return (claims, unclaimed)
    }

    private func removeSettledBodies(_ work: [QueueWork], _ answers: [Answer]) {
        for (item, answer) in zip(work, answers) {
            switch (item, answer) {
            case (.settle(let settlement, _), .settled(.emptied(bodyIsFiled: true))):
                remove(settlement.claim.message.id)
            case (.change, .changed(let step)): for id in step.filedBodies { remove(id) }
            default: continue
            }
        }
    }

    private func removeBody(of item: QueueWork) {
        guard let message = item.newMessage, case .file = message.body else { return }
        remove(message.id)
    }

    // A file that cannot be removed does no harm: the next start finds that no message names it and sets it aside.
    private func remove(_ id: QueueID) {
        try? bodies.remove(id)
    }
}

extension QueueTransaction {
    fileprivate func change(_ request: QueueChangeRequest) throws(QueueError) -> QueueChangeStep {
        try change(
            request.change, of: request.filter, after: request.cursor, limit: request.limit, at: request.now)
    }
}
