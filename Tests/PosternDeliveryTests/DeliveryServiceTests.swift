import Dispatch
import Logging
import NIOCore
import PosternMail
import PosternQueue
import ServiceLifecycle
import Synchronization
import Testing

@testable import PosternDelivery

@Suite("Delivery service")
struct DeliveryServiceTests {
    private let folder: ScratchFolder
    private let store: SQLiteStore
    private let writer: QueueWriter
    private let clock = TestClock()
    private let events = AsyncStream<DeliveryEvent>.makeStream()

    init() throws {
        folder = try ScratchFolder()
        let state = try StateDirectory(path: folder.path + "/state")
        store = try SQLiteStore(in: state)
        writer = QueueWriter(store: store, bodies: state.bodies) { Issue.record("\($0)") }
    }

    private func submit(
        _ number: Int, to recipients: [String] = ["bob@example.net"], from: String? = "alice@example.org"
    ) async throws {
        let sample = Claim.sample(number, to: recipients, from: from)
        try await writer.submit(
            NewMessage(
                id: sample.message.id,
                envelope: try #require(
                    Envelope(reversePath: sample.message.reversePath, recipients: sample.recipients.map(\.mailbox))),
                body: .inline(ByteBuffer(string: "Subject: \(number)\r\n\r\n")), received: sample.message.received,
                account: "alice", authentication: "AUTH EXTERNAL"))
    }

    /// Runs the service beside the test, then stops it gracefully.
    private func running(
        _ route: any Route, concurrency: Int = 2, _ body: (ServiceGroup, DeliveryService) async throws -> Void
    ) async throws {
        let events = events.continuation
        let service = DeliveryService(
            writer: writer, store: store, route: route, hostname: try #require(Domain("mail.example.org")),
            schedule: .standard, concurrency: concurrency, clock: clock.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            report: { events.yield($0) })
        let group = ServiceGroup(services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(group, service)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await writer.stop()
    }

    @Test("what was in the store before the start and what comes after is delivered, each once, and leaves the queue")
    func delivers() async throws {
        for number in 1...5 { try await submit(number) }
        var delivered: [QueueID] = []
        try await running(MaildirRoute(path: folder.path + "/mail")) { _, _ in
            for number in 6...10 { try await submit(number, to: ["bob@example.net", "eve@example.net"]) }
            for await event in events.stream {
                guard case .delivered(let place) = event.outcome else {
                    Issue.record("\(event)")
                    break
                }
                #expect(FileSystem.text(of: place) != nil)
                #expect(event.attempt == 1)
                #expect(event.route == "maildir")
                delivered.append(event.message.id)
                if delivered.count == 15 { break }
            }
        }
        #expect(delivered.sorted() == ((1...5).map { $0 } + (6...10).flatMap { [$0, $0] }).map(QueueID.sample))
        #expect(try store.counts() == QueueCounts())
    }

    @Test("a deferred recipient is tried again when it is due, alone and with its attempt counted")
    func retries() async throws {
        let route = ScriptedRoute { claim in
            claim.recipients.map { recipient in
                recipient.mailbox.localPart == "bob" && recipient.attempt < 3
                    ? .deferred(DeliveryFailure(code: "4.2.0", reason: "later")) : .delivered(to: "x")
            }
        }
        try await running(route) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1, to: ["bob@example.net", "eve@example.net"])
            let failure = DeliveryFailure(code: "4.2.0", reason: "later")
            #expect(await iterator.next()?.outcome == .deferred(until: .after(160), failure))
            #expect(await iterator.next()?.outcome == .delivered(to: "x"))
            clock.advance(to: .after(160))
            let second = await iterator.next()
            #expect(second?.attempt == 2)
            #expect(second?.outcome == .deferred(until: .after(460), failure))
            clock.advance(to: .after(460))
            #expect(await iterator.next()?.attempt == 3)
        }
        #expect(try store.counts() == QueueCounts())
        #expect(route.recipients == [["bob", "eve"], ["bob"], ["bob"]])
    }

    @Test("never more than the limit are under way, and everything is delivered in the end")
    func concurrency() async throws {
        let running = Atomic(0)
        let most = Mutex(0)
        let route = ScriptedRoute { claim in
            let now = running.add(1, ordering: .relaxed).newValue
            most.withLock { $0 = max($0, now) }
            await Task.yield()
            running.subtract(1, ordering: .relaxed)
            return claim.recipients.map { _ in .delivered(to: "x") }
        }
        try await self.running(route, concurrency: 3) { _, _ in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 1...60 { tasks.addTask { try await submit(number) } }
                try await tasks.waitForAll()
            }
            var count = 0
            for await _ in events.stream {
                count += 1
                if count == 60 { break }
            }
        }
        #expect(most.withLock { $0 } <= 3)
        #expect(try store.counts() == QueueCounts())
    }

    @Test("at a graceful shutdown the running delivery is settled, and what waits stays in the queue")
    func shutdown() async throws {
        let (begun, release) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let route = ScriptedRoute { claim in
            begun.continuation.yield()
            for await _ in release.stream { break }
            return claim.recipients.map { _ in .delivered(to: "x") }
        }
        try await running(route, concurrency: 1) { group, service in
            try await submit(1)
            for await _ in begun.stream { break }
            try await submit(2)
            await group.triggerGracefulShutdown()
            while !service.isStopping { await Task.yield() }
            try await submit(3)
            release.continuation.yield()
        }
        #expect(try store.counts() == QueueCounts(messages: 2, waiting: 2))
    }

    @Test("a delivery that waits for a next hop is cut off when the graceful shutdown has lasted long enough")
    func cutOff() async throws {
        let begun = AsyncStream<Void>.makeStream()
        let failure = DeliveryFailure(code: "4.4.2", reason: "cut off")
        let route = ScriptedRoute { claim in
            begun.continuation.yield()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            return claim.recipients.map { _ in .deferred(failure) }
        }
        try await running(route) { group, service in
            try await submit(1)
            for await _ in begun.stream { break }
            await group.triggerGracefulShutdown()
            while !clock.isAwaited(at: .after(120)) { await Task.yield() }
            #expect(try store.counts().claimed == 1)
            clock.advance(to: .after(120))
        }
        #expect(try store.counts() == QueueCounts(messages: 1, waiting: 1))
    }

    @Test("SUB-200, SUB-203: a recipient that failed leaves the queue with a report, which has the null reverse-path")
    func failed() async throws {
        let failure = DeliveryFailure(code: "5.1.1", reason: "no such mailbox")
        let route = ScriptedRoute { claim in
            claim.recipients.map { $0.mailbox.localPart == "bob" ? .failed(failure) : .delivered(to: "x") }
        }
        try await running(route) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1, to: ["bob@example.net", "eve@example.net"])
            let failed = await iterator.next()
            guard case .failed(failure, let report?) = failed?.outcome else {
                Issue.record("\(failed as Any)")
                return
            }
            #expect(await iterator.next()?.outcome == .delivered(to: "x"))
            let told = await iterator.next()
            #expect(told?.message.id == report)
            #expect(told?.message.reversePath == .null)
            #expect(told?.recipient == Mailbox("alice@example.org"))
        }
        let report = try #require(route.bodies.last)
        #expect(report.contains("\r\nTo: alice@example.org\r\n"))
        #expect(report.contains("\r\nFinal-Recipient: rfc822; bob@example.net\r\n"))
        #expect(report.contains("\r\n\r\nSubject: 1\r\n\r\n--"))
        #expect(!report.contains("eve"))
        #expect(try store.counts() == QueueCounts())
    }

    @Test("SUB-200: a report that fails is dropped, and nobody is told")
    func doubleBounce() async throws {
        let failure = DeliveryFailure(code: "5.1.1", reason: "no such mailbox")
        try await running(ScriptedRoute { _ in [.failed(failure)] }) { _, _ in
            try await submit(1, from: nil)
            for await event in events.stream {
                #expect(event.outcome == .failed(failure, report: nil))
                break
            }
        }
        #expect(try store.counts() == QueueCounts())
    }

    @Test(
        "RFC 5321 §4.5.4.1: who is deferred five days after the message came has failed, with the last attempt's words")
    func expiry() async throws {
        let reply = DeliveryReport.RemoteReply(text: "450 4.2.0 later", host: "mx.example.net")
        let later = DeliveryFailure(code: "4.2.0", reason: "later", reply: reply)
        let route = ScriptedRoute { claim in
            claim.recipients.map { $0.mailbox.localPart == "bob" ? .deferred(later) : .delivered(to: "x") }
        }
        let end = Timestamp.after(1 + 5 * 86_400)
        try await running(route) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1)
            #expect(await iterator.next()?.outcome == .deferred(until: .after(160), later))
            clock.advance(to: end + .nanoseconds(-1))
            #expect(await iterator.next()?.outcome == .deferred(until: end + .nanoseconds(299_999_999_999), later))
            clock.advance(to: end + .seconds(300))
            let expired = DeliveryFailure(
                code: "4.4.7", reason: "not delivered within 5 days; the last attempt: 4.2.0 later", reply: reply)
            guard case .failed(expired, report: .some)? = await iterator.next()?.outcome else {
                Issue.record("not failed")
                return
            }
            #expect(await iterator.next()?.message.reversePath == .null)
        }
        let report = try #require(route.bodies.last)
        #expect(
            report.contains(
                "Status: 4.4.7\r\nRemote-MTA: dns; mx.example.net\r\nDiagnostic-Code: smtp; 450 4.2.0 later"))
        #expect(try store.counts() == QueueCounts())
    }
}

/// A route that does what a test says.
private final class ScriptedRoute: Route {
    let name = "scripted"
    private let script: @Sendable (Claim) async -> [RouteOutcome]
    private let seen = Mutex<[[String]]>([])
    private let read = Mutex<[String]>([])

    init(_ script: @escaping @Sendable (Claim) async -> [RouteOutcome]) {
        self.script = script
    }

    /// The local-parts of each claim.
    var recipients: [[String]] { seen.withLock { $0 } }
    /// The octets of each claim, if they are few.
    var bodies: [String] { read.withLock { $0 } }

    func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        seen.withLock { $0.append(claim.recipients.map(\.mailbox.localPart)) }
        if case .inline(let octets)? = try? body.stored() { read.withLock { $0.append(String(buffer: octets)) } }
        return await script(claim)
    }
}

/// A clock that a test moves.
private final class TestClock: Sendable {
    private struct Sleeper {
        let moment: Timestamp
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        // Later than every sample was received.
        var now = Timestamp.after(100)
        var sleepers: [Sleeper] = []
    }

    private let state = Mutex(State())

    var clock: DeliveryClock {
        DeliveryClock(
            now: { [self] in state.withLock { $0.now } },
            sleep: { [self] moment in try await sleep(until: moment) })
    }

    /// Whether somebody sleeps until then.
    func isAwaited(at moment: Timestamp) -> Bool {
        state.withLock { $0.sleepers.contains { $0.moment == moment } }
    }

    func advance(to moment: Timestamp) {
        state.withLock { $0.now = moment }
        wake { $0.moment <= moment }
    }

    private func sleep(until moment: Timestamp) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    // Looked at under the lock, so that a cancellation either is seen here or finds the sleeper.
                    guard !Task.isCancelled, moment > state.now else { return false }
                    state.sleepers.append(Sleeper(moment: moment, continuation: continuation))
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            // Whoever else sleeps wakes too early, which a sleeper must bear.
            wake { _ in true }
        }
        try Task.checkCancellation()
    }

    private func wake(_ isAwake: (Sleeper) -> Bool) {
        let awake = state.withLock { state in
            let awake = state.sleepers.filter(isAwake)
            state.sleepers.removeAll(where: isAwake)
            return awake
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }
}
