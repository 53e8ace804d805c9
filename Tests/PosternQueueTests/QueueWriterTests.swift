import Glibc
import NIOCore
import PosternMail
import Synchronization
import Testing

@testable import PosternQueue

@Suite("Queue writer")
struct QueueWriterTests {
    private let folder: ScratchFolder
    private let log = EventLog()
    private static let fault = StorageFault(operation: "fdatasync", path: "/broken", code: EIO)

    init() throws {
        folder = try ScratchFolder()
    }

    /// Sync calls that note themselves; the `failing`-th of them, from 1, fails.
    private func syncCalls(failing: Int? = nil) -> SyncCalls {
        let faults = Faults(log: log, failing: failing, fault: Self.fault)
        return SyncCalls(
            file: { descriptor, path throws(StorageFault) in
                try faults.step("sync file")
                try FileSystem.syncData(descriptor, path: path)
            },
            folder: { path throws(StorageFault) in
                try faults.step("sync folder")
                try FileSystem.syncFolder(path)
            })
    }

    private func writer(
        _ fixture: Fixture, _ store: (any QueueStore)? = nil, failing: Int? = nil
    ) -> QueueWriter {
        let log = log
        return QueueWriter(
            store: store ?? fixture.store, bodies: fixture.state.bodies, syncCalls: syncCalls(failing: failing),
            failed: { log.note("failed: \($0)") })
    }

    private func large(_ number: Int, _ fixture: Fixture) throws -> NewMessage {
        try .sample(number, body: fixture.state.bodies.body(largeOctets(), for: .sample(number)))
    }

    @Test("SUB-140: a message is reported as stored after the syncs of body and folder and the commit, in this order")
    func order() async throws {
        let fixture = try Fixture(folder)
        let writer = writer(fixture, ScriptedStore(fixture.store, log: log))
        try await writer.submit(try large(1, fixture))
        log.note("stored")
        await writer.stop()
        #expect(log.all == ["sync file", "sync folder", "commit", "stored"])
    }

    @Test("what waits while a commit runs shares the next one, with one sync of the folder")
    func groups() async throws {
        let fixture = try Fixture(folder)
        let (reached, gate) = (Gate(), Gate())
        let store = ScriptedStore(fixture.store, log: log) { number in
            guard number == 1 else { return }
            reached.open()
            gate.pass()
        }
        let writer = writer(fixture, store)
        let answers = Answers()
        writer.submit(try .sample(0), completion: answers.add)
        reached.pass()
        for number in 1...9 { writer.submit(try large(number, fixture), completion: answers.add) }
        gate.open()
        await writer.stop()
        #expect(answers.all == Array(repeating: nil, count: 10))
        #expect(store.transactions == 2)
        #expect(log.all.filter { $0 == "sync file" }.count == 9)
        #expect(log.all.filter { $0 == "sync folder" }.count == 1)
        #expect(try fixture.store.counts().messages == 10)
    }

    @Test("SUB-180: whichever sync fails, nobody in that commit is told stored, and what was told stored is there")
    func everySync() async throws {
        // Four messages one after the other take eight syncs; the ninth fault is none: the negative control.
        for failing in 1...9 {
            let folder = try ScratchFolder()
            let told: [Int]
            do {
                let fixture = try Fixture(folder)
                let writer = writer(fixture, failing: failing)
                var stored: [Int] = []
                for number in 1...4 {
                    let message = try large(number, fixture)
                    do throws(QueueError) {
                        try await writer.submit(message)
                        stored.append(number)
                    } catch {
                        #expect(error == .failed(Self.fault) || error == .stopped(Self.fault))
                    }
                }
                told = stored
                await writer.stop()
            }
            #expect(told.count == min(4, (failing - 1) / 2))
            let fixture = try Fixture(folder)
            let audit = try QueueAudit.run(store: fixture.store, state: fixture.state, at: .after(0))
            #expect(audit.damaged == [])
            let claims = try fixture.store.transaction { try $0.claimDue(at: .after(9), limit: 9) }.claims
            #expect(claims.map(\.message.id) == told.map(QueueID.sample))
            for claim in claims { #expect(try fixture.store.body(of: claim).octets() == largeOctets()) }
        }
    }

    @Test("after a failed commit every caller gets a failure, the process is told once, and nothing is tried again")
    func failedCommit() async throws {
        let fixture = try Fixture(folder)
        let store = ScriptedStore(fixture.store, log: log) { _ in throw QueueError.failed(Self.fault) }
        let writer = writer(fixture, store)
        await #expect(throws: QueueError.failed(Self.fault)) { try await writer.submit(try large(1, fixture)) }
        // Nobody knows whether the row is there: the body stays for the next start to compare.
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [QueueID.sample(1).description])
        await writer.stop()
        await #expect(throws: QueueError.stopped(Self.fault)) { try await writer.submit(try large(2, fixture)) }
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [QueueID.sample(1).description])
        #expect(store.transactions == 1)
        #expect(log.all == ["sync file", "sync folder", "failed: \(Self.fault)"])
    }

    @Test("a full disk refuses the commit and leaves no body; with room again the writer goes on")
    func fullDisk() async throws {
        let fixture = try Fixture(folder)
        let full = StorageFault(operation: "COMMIT", path: "/full", code: ENOSPC)
        let store = ScriptedStore(fixture.store, log: log) { if $0 == 1 { throw QueueError.full(full) } }
        let writer = writer(fixture, store)
        await #expect(throws: QueueError.full(full)) { try await writer.submit(try large(1, fixture)) }
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [])
        try await writer.submit(try large(1, fixture))
        await writer.stop()
        #expect(try fixture.store.counts().messages == 1)
    }

    @Test("F4: on a full disk what leaves the queue is tried again when room was made for it; new messages are not")
    func fullDiskSettles() async throws {
        let fixture = try Fixture(folder)
        let full = StorageFault(operation: "COMMIT", path: "/full", code: ENOSPC)
        let (reached, gate) = (Gate(), Gate())
        let store = ScriptedStore(fixture.store, log: log) { number in
            if number == 3 {
                reached.open()
                gate.pass()
            }
            if number == 4 { throw QueueError.full(full) }
        }
        let writer = writer(fixture, store)
        try await writer.submit(try .sample(1))
        let claim = try #require(try await writer.claimDue(at: .after(9), limit: 9).claims.first)
        let answers = Answers()
        writer.submit(try .sample(2), completion: answers.add)
        reached.pass()
        let settled = Answers()
        writer.settle(Settlement(claim: claim, outcomes: [.delivered]), completion: settled.add)
        writer.submit(try .sample(3), completion: answers.add)
        gate.open()
        await writer.stop()
        #expect(log.all == ["commit", "commit", "commit", "make room", "commit"])
        #expect(try fixture.store.counts().messages == 1)
    }

    @Test("F4, F7: where the storage fails as room is made for a message, its caller is told, and its body goes")
    func roomFails() async throws {
        let fixture = try Fixture(folder)
        let store = ScriptedStore(fixture.store, log: log, roomFault: Self.fault)
        let writer = writer(fixture, store)
        await #expect(throws: QueueError.failed(Self.fault)) { try await writer.submit(try large(1, fixture)) }
        await writer.stop()
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [])
        #expect(store.transactions == 0)
        #expect(log.all == ["make room", "failed: \(Self.fault)"])
    }

    @Test("F4: the room that a long queue took is given back")
    func room() throws {
        let fixture = try Fixture(folder)
        let octets = ByteBuffer(repeating: 0x78, count: MessageBody.inlineLimit)
        try fixture.store.transaction { transaction in
            for number in 1...40 {
                _ = try transaction.enqueue(.sample(number, body: .inline(octets)), claiming: false)
            }
        }
        try fixture.store.makeRoom()
        let before = try #require(try FileSystem.length(of: fixture.state.databasePath))
        #expect(before > 40 * MessageBody.inlineLimit)
        try fixture.store.transaction { transaction in
            for claim in try transaction.claimDue(at: .after(99), limit: 99).claims {
                _ = try transaction.settle(Settlement(claim: claim, outcomes: [.delivered]))
            }
        }
        try fixture.store.makeRoom()
        try fixture.store.makeRoom()
        let after = try #require(try FileSystem.length(of: fixture.state.databasePath))
        #expect(after < before / 4)
        #expect(try FileSystem.length(of: fixture.state.databasePath + "-wal") == 0)
    }

    @Test("one message that cannot be stored does not fail those that share its commit")
    func oneBadItem() async throws {
        let fixture = try Fixture(folder)
        let (reached, gate) = (Gate(), Gate())
        let store = ScriptedStore(fixture.store, log: log) { number in
            guard number == 1 else { return }
            reached.open()
            gate.pass()
        }
        let writer = writer(fixture, store)
        let answers = Answers()
        writer.submit(try .sample(1), completion: answers.add)
        reached.pass()
        for number in [2, 1, 3] { writer.submit(try .sample(number), completion: answers.add) }
        gate.open()
        await writer.stop()
        #expect(answers.all.compactMap { $0 } == [.duplicate(.sample(1))])
        #expect(answers.all.count == 4)
        #expect(try fixture.store.counts() == QueueCounts(messages: 3, waiting: 3))
    }

    @Test("a body handed in twice is refused the second time, and stays, even if the disk is full by then")
    func bodyTwice() async throws {
        let fixture = try Fixture(folder)
        let full = StorageFault(operation: "COMMIT", path: "/full", code: ENOSPC)
        let store = ScriptedStore(fixture.store, log: log) { if $0 == 3 { throw QueueError.full(full) } }
        let writer = writer(fixture, store)
        let message = try large(1, fixture)
        try await writer.submit(message)
        await #expect(throws: QueueError.bodyClosed(.sample(1))) { try await writer.submit(message) }
        await #expect(throws: QueueError.full(full)) { try await writer.submit(message) }
        await writer.stop()
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [QueueID.sample(1).description])
    }

    @Test("the file of a message goes when its last recipient is settled")
    func settledBody() async throws {
        let fixture = try Fixture(folder)
        let writer = writer(fixture)
        try await writer.submit(try large(1, fixture))
        let claim = try #require(try await writer.claimDue(at: .after(9), limit: 9).claims.first)
        #expect(try FileSystem.names(in: fixture.state.bodies.path).count == 1)
        try await writer.settle(Settlement(claim: claim, outcomes: [.delivered]))
        await writer.stop()
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [])
        #expect(try fixture.store.counts() == QueueCounts())
    }

    @Test("the listener gets as many claims as it kept places for; the other messages wait in the store")
    func listener() async throws {
        let fixture = try Fixture(folder)
        let (reached, gate) = (Gate(), Gate())
        let store = ScriptedStore(fixture.store, log: log) { number in
            guard number == 1 else { return }
            reached.open()
            gate.pass()
        }
        let writer = writer(fixture, store)
        let listener = Listener(places: 2)
        writer.setListener(listener)
        let answers = Answers()
        writer.claimDue(at: .after(0), limit: 1) { _ in }
        reached.pass()
        for number in 1...3 { writer.submit(try .sample(number), completion: answers.add) }
        gate.open()
        await writer.stop()
        #expect(listener.log.all == ["reserve 3", "committed 2 of 2, 1 more"])
        #expect(try fixture.store.counts() == QueueCounts(messages: 3, waiting: 1, claimed: 2))
    }

    @Test("places kept for a commit that fails are given back")
    func listenerAfterFailure() async throws {
        let fixture = try Fixture(folder)
        let store = ScriptedStore(fixture.store, log: log) { _ in throw QueueError.failed(Self.fault) }
        let writer = writer(fixture, store)
        let listener = Listener(places: 2)
        writer.setListener(listener)
        await #expect(throws: QueueError.self) { try await writer.submit(try .sample(1)) }
        await writer.stop()
        #expect(listener.log.all == ["reserve 1", "committed 0 of 1, 0 more"])
    }

    @Test("a change of thousands is made in steps, and who submits meanwhile waits for one of them at most")
    func changeInSteps() async throws {
        let fixture = try Fixture(folder)
        try fixture.store.transaction { transaction in
            for number in 1...2_600 { _ = try transaction.enqueue(try .sample(number), claiming: false) }
        }
        let store = ScriptedStore(fixture.store, log: log)
        let writer = writer(fixture, store)
        async let changed = writer.change(.hold(reason: "x"), of: QueueFilter(), at: .after(0))
        try await writer.submit(try .sample(9_999))
        let report = try await changed
        await writer.stop()
        // Whether the new one was there in time for the last step is open.
        #expect((2_600...2_601).contains(report.recipients))
        #expect(report.messages == report.recipients)
        #expect(store.transactions >= 6)
        #expect(try fixture.store.counts().held == report.recipients)
    }

    @Test("the file of a message that an operator removes goes after the commit")
    func removedBody() async throws {
        let fixture = try Fixture(folder)
        let writer = writer(fixture)
        try await writer.submit(try large(1, fixture))
        let report = try await writer.change(.remove, of: QueueFilter(ids: [.sample(1)]), at: .after(9))
        await writer.stop()
        #expect(report.removedMessages == 1)
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [])
    }

    @Test("what an operator retries or releases is told to the one who delivers")
    func changeWakesListener() async throws {
        let fixture = try Fixture(folder)
        let writer = writer(fixture)
        try await writer.submit(try .sample(1))
        let listener = Listener(places: 0)
        writer.setListener(listener)
        _ = try await writer.change(.hold(reason: "x"), of: QueueFilter(), at: .after(9))
        _ = try await writer.change(.release, of: QueueFilter(), at: .after(9))
        try await writer.probe(at: .after(9))
        await writer.stop()
        #expect(listener.log.all == ["committed 0 of 0, 1 more"])
    }

    @Test("stopping commits what waits and refuses what comes, with its body removed")
    func stop() async throws {
        let fixture = try Fixture(folder)
        let writer = writer(fixture)
        let answers = Answers()
        for number in 1...20 { writer.submit(try .sample(number), completion: answers.add) }
        await writer.stop()
        await writer.stop()
        #expect(answers.all == Array(repeating: nil, count: 20))
        await #expect(throws: QueueError.stopped(nil)) { try await writer.submit(try large(21, fixture)) }
        #expect(try FileSystem.names(in: fixture.state.bodies.path) == [])
        #expect(try fixture.store.counts().messages == 20)
    }
}

/// Notes each step, and lets one of them fail.
private final class Faults: Sendable {
    private let log: EventLog
    private let failing: Int?
    private let fault: StorageFault
    private let count = Mutex(0)

    init(log: EventLog, failing: Int?, fault: StorageFault) {
        self.log = log
        self.failing = failing
        self.fault = fault
    }

    func step(_ event: String) throws(StorageFault) {
        log.note(event)
        let number = count.withLock { count in
            count += 1
            return count
        }
        if number == failing { throw fault }
    }
}

/// Collects the answers of a writer: nil for success.
private final class Answers: Sendable {
    private let answers = Mutex<[QueueError?]>([])

    var all: [QueueError?] { answers.withLock { $0 } }

    @Sendable func add(_ result: Result<Void, QueueError>) {
        answers.withLock { answers in
            switch result {
            case .success: answers.append(nil)
            case .failure(let error): answers.append(error)
            }
        }
    }
}

private final class Listener: CommitListener {
    let log = EventLog()
    private let places: Int

    init(places: Int) {
        self.places = places
    }

    func reserve(_ count: Int) -> Int {
        log.note("reserve \(count)")
        return min(places, count)
    }

    func committed(_ claims: [Claim], reserved: Int, unclaimed: Int) {
        log.note("committed \(claims.count) of \(reserved), \(unclaimed) more")
    }
}
