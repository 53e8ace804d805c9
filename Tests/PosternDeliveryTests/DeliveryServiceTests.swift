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
        _ number: Int, to recipients: [String] = ["bob@example.net"], from: String? = "alice@example.org",
        notify: Notify? = nil
    ) async throws {
        let sample = Claim.sample(number, to: recipients, from: from, notify: notify)
        try await writer.submit(
            NewMessage(
                id: sample.message.id,
                envelope: try #require(
                    Envelope(reversePath: sample.message.reversePath, recipients: sample.recipients.map(\.recipient))),
                body: .inline(ByteBuffer(string: "Subject: \(number)\r\n\r\n")), received: sample.message.received,
                account: "alice", authentication: "AUTH EXTERNAL"))
    }

    /// Runs the service beside the test, then stops it gracefully.
    private func running(
        _ route: any Route, concurrency: Int = 2, schedule: RetrySchedule = .quiet,
        _ body: (ServiceGroup, DeliveryService) async throws -> Void
    ) async throws {
        let way = Routing.Way(to: Destination(name: "next hop", limit: concurrency), by: route)
        try await running(Routing(otherwise: way), concurrency: concurrency, schedule: schedule, body)
    }

    private func running(
        _ routing: Routing, concurrency: Int, schedule: RetrySchedule = .quiet,
        _ body: (ServiceGroup, DeliveryService) async throws -> Void
    ) async throws {
        let events = events.continuation
        let service = DeliveryService(
            writer: writer, store: store, routing: routing, hostname: try #require(Domain("mail.example.org")),
            schedule: schedule, concurrency: concurrency, source: clock.source,
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
                guard case .delivered(let place, nil) = event.outcome else {
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

    /// Mail for example.net goes to one next hop, all other to another one, of which each takes two at once.
    private func twoWays(_ net: any Route, _ other: any Route) throws -> Routing {
        Routing(
            [
                Routing.Rule(
                    recipients: [try #require(Domain("example.net"))],
                    way: Routing.Way(to: Destination(name: "net", limit: 2), by: net))
            ], otherwise: Routing.Way(to: Destination(name: "other", limit: 2), by: other))
    }

    @Test("F10: a next hop that never answers holds up neither other messages nor the other recipients of its own")
    func stalled() async throws {
        let release = AsyncStream<Void>.makeStream()
        let net = ScriptedRoute { claim in
            for await _ in release.stream {}
            return claim.recipients.map { _ in .delivered(to: "net") }
        }
        let other = ScriptedRoute { claim in claim.recipients.map { _ in .delivered(to: "other") } }
        // Five times as many as its lane holds.
        let count = 50
        try await running(try twoWays(net, other), concurrency: 4) { _, _ in
            for number in 1...count { try await submit(number, to: ["bob@example.net", "eve@example.com"]) }
            var iterator = events.stream.makeAsyncIterator()
            for _ in 1...count {
                let event = await iterator.next()
                #expect(event?.outcome == .delivered(to: "other"))
                #expect(event?.recipient == Mailbox("eve@example.com"))
            }
            #expect(net.recipients.count == 2)
            // None of the others is lost, counted, or waits for its turn longer than it must.
            release.continuation.finish()
            var delivered: [QueueID] = []
            while delivered.count < count {
                guard let event = await iterator.next() else { break }
                #expect(event.outcome == .delivered(to: "net"))
                #expect(event.attempt == 1)
                delivered.append(event.message.id)
                clock.pass(.seconds(1))
            }
            #expect(Set(delivered).count == count)
        }
        #expect(try store.counts() == QueueCounts())
    }

    @Test(
        "what finds no place goes back without a word, until its message is late: its sender is told, and in the end that it failed",
        arguments: [("4.4.5", Duration.seconds(4 * 3_600)), ("4.4.7", .seconds(5 * 86_400))])
    func lateWithoutAttempt(code: String, age: Duration) async throws {
        let begun = AsyncStream<Void>.makeStream()
        let net = ScriptedRoute { claim in
            begun.continuation.yield()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            return claim.recipients.map { _ in .deferred(DeliveryFailure(code: "4.4.2", reason: "cut off")) }
        }
        let other = ScriptedRoute { claim in claim.recipients.map { _ in .delivered(to: "other") } }
        try await running(try twoWays(net, other), concurrency: 4, schedule: .standard) { group, _ in
            // Two are under way, eight wait behind them, and the last one finds no place.
            for number in 1...11 { try await submit(number) }
            for await _ in begun.stream { break }
            clock.pass(age)
            let end = Timestamp.after(120) + age
            for await event in events.stream {
                #expect(event.message.id == .sample(11))
                switch event.outcome {
                case .postponed(_, let failure, report: .some), .failed(let failure, report: .some):
                    #expect(failure.code == code)
                    #expect(failure.reason.hasSuffix("too many deliveries to net are under way"))
                default: Issue.record("\(event)")
                }
                break
            }
            await group.triggerGracefulShutdown()
            while !clock.isAwaited(at: end) { await Task.yield() }
            clock.advance(to: end)
        }
    }

    @Test("after a change of the routes mail goes the new way, and what is under way comes to its end")
    func rerouted() async throws {
        let (begun, release) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let old = ScriptedRoute { claim in
            begun.continuation.yield()
            for await _ in release.stream { break }
            return claim.recipients.map { _ in .delivered(to: "old") }
        }
        let new = ScriptedRoute { claim in claim.recipients.map { _ in .delivered(to: "new") } }
        try await running(old, concurrency: 1) { _, service in
            var iterator = events.stream.makeAsyncIterator()
            // One runs, one waits behind it.
            for number in 1...2 { try await submit(number) }
            for await _ in begun.stream { break }
            service.reroute(Routing(otherwise: Routing.Way(to: Destination(name: "new", limit: 1), by: new)))
            release.continuation.yield()
            #expect(await iterator.next()?.outcome == .delivered(to: "old"))
            let second = await iterator.next()
            #expect(second?.outcome == .delivered(to: "new"))
            #expect(second?.attempt == 1)
        }
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
            guard case .failed(failure, report: let report?) = failed?.outcome else {
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
            // The next attempt would be five minutes later: the end comes first.
            let last = end + .nanoseconds(999_999_999)
            #expect(await iterator.next()?.outcome == .deferred(until: last, later))
            clock.advance(to: last)
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

    @Test(
        "where the next attempt is a day away the sender hears of the delay, and of the end, when it is time for that")
    func timesWithoutAttempts() async throws {
        let later = DeliveryFailure(code: "4.2.0", reason: "later")
        let route = ScriptedRoute { claim in
            claim.recipients.map { $0.mailbox.localPart == "bob" ? .deferred(later) : .delivered(to: "x") }
        }
        let schedule = RetrySchedule(retry: [.seconds(86_400)], lifetime: .seconds(3_600), warning: .seconds(600))
        try await running(route, schedule: schedule) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1)
            #expect(await iterator.next()?.outcome == .deferred(until: .after(601), later))
            clock.advance(to: .after(601))
            guard case .deferred(until: .after(3_601), later, report: .some)? = await iterator.next()?.outcome else {
                Issue.record("no report of the delay")
                return
            }
            #expect(await iterator.next()?.message.reversePath == .null)
            clock.advance(to: .after(3_601))
            guard case .failed(let failure, report: .some)? = await iterator.next()?.outcome else {
                Issue.record("not failed")
                return
            }
            #expect(failure.code == "4.4.7")
            #expect(await iterator.next()?.message.reversePath == .null)
        }
        #expect(try store.counts() == QueueCounts())
    }

    @Test(
        "F10: what waits for a suspended next hop loses no attempt, is warned and expires in time; a reload forgets nothing"
    )
    func suspended() async throws {
        let gone = DeliveryFailure(code: "4.4.1", reason: "nobody is there", concernsNextHop: true)
        let route = ScriptedRoute { claim in
            claim.recipients.map { $0.mailbox.localPart == "bob" ? .deferred(gone) : .delivered(to: "x") }
        }
        let hop = NextHopsRoute.Hop(name: "hop", identity: "hop", route: route)
        func routing(_ name: String) -> Routing {
            Routing(otherwise: Routing.Way(to: Destination(name: name, limit: 2), by: NextHopsRoute([hop])))
        }
        let schedule = RetrySchedule(retry: [.seconds(10)], lifetime: .seconds(150), warning: nil)
        try await running(routing("a"), concurrency: 2, schedule: schedule) { _, service in
            var iterator = events.stream.makeAsyncIterator()
            for number in 98...100 {
                try await submit(number)
                #expect(await iterator.next()?.outcome == .deferred(until: .after(110), gone))
            }
            // Three failures: suspended for a minute. The first attempts are done, the second ones are not made.
            service.reroute(routing("b"))
            clock.advance(to: .after(110))
            for _ in 98...100 {
                let event = await iterator.next()
                #expect(event?.attempt == 2)
                guard case .postponed(until: .after(160), let failure, report: nil)? = event?.outcome else {
                    Issue.record("\(event as Any)")
                    return
                }
                #expect(failure.reason == "nobody is there, not tried again for 50 s")
            }
            #expect(route.recipients.count == 3)
            clock.advance(to: .after(160))
            // One tries it, as its second attempt; the others wait for that one, then for the suspension of two minutes.
            var attempts: [Int] = []
            for _ in 98...100 {
                guard let event = await iterator.next() else { break }
                if case .deferred = event.outcome { attempts.append(event.attempt) }
            }
            #expect(attempts == [2])
            #expect(route.recipients.count == 4)
        }
        let page = try store.list(QueueFilter(), after: nil, limit: 9, recipientLimit: 9)
        #expect(page.entries.flatMap(\.recipients).map(\.attempts).sorted() == [1, 1, 2])
        #expect(page.entries.flatMap(\.recipients).allSatisfy { $0.reason?.contains("nobody is there") == true })
    }

    @Test("SUB-202: after four hours the sender is told once that it takes long, with the deferral and over restarts")
    func delayWarning() async throws {
        let later = DeliveryFailure(code: "4.2.0", reason: "later")
        let route = ScriptedRoute { claim in
            claim.recipients.map { $0.mailbox.localPart == "bob" ? .deferred(later) : .delivered(to: "x") }
        }
        try await running(route, schedule: .standard) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1, notify: Notify("DELAY".utf8))
            #expect(await iterator.next()?.outcome == .deferred(until: .after(160), later))
            clock.advance(to: .after(14_400))
            // The next attempt would be at 14,700.
            #expect(await iterator.next()?.outcome == .deferred(until: .after(14_401), later))
            clock.advance(to: .after(14_401))
            guard case .deferred(until: .after(15_301), later, report: let report?) = await iterator.next()?.outcome
            else {
                Issue.record("no report of the delay")
                return
            }
            let told = await iterator.next()
            #expect(told?.message.id == report)
            #expect(told?.outcome == .delivered(to: "x"))
            clock.advance(to: .after(15_301))
            #expect(await iterator.next()?.outcome == .deferred(until: .after(17_101), later))
        }
        let report = try #require(route.bodies.last { $0.contains("Action: delayed") })
        #expect(report.contains("\r\nWill-Retry-Until: "))
        #expect(report.contains("\r\nSubject: Your message is delayed\r\n"))
        let claim = try #require(try store.transaction { try $0.claimDue(at: .after(17_400), limit: 1) }.claims.first)
        #expect(claim.recipients.map(\.isWarned) == [true])
    }

    @Test("RFC 3461 §5.2.3: with NOTIFY=SUCCESS a delivery into a Maildir is told, in a Maildir too")
    func success() async throws {
        try await running(MaildirRoute(path: folder.path + "/mail")) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1, notify: Notify("SUCCESS".utf8))
            guard case .delivered(_, report: let report?) = await iterator.next()?.outcome else {
                Issue.record("no report of the delivery")
                return
            }
            guard let told = await iterator.next(), case .delivered(let place, nil) = told.outcome else {
                Issue.record("the report was not delivered")
                return
            }
            #expect(told.message.id == report)
            #expect(FileSystem.text(of: place)?.contains("\nAction: delivered\n") == true)
        }
        #expect(try store.counts() == QueueCounts())
    }

    @Test(
        "F8: a month forward while it runs neither expires nor bounces what is queued; what comes later has its own time"
    )
    func jumpForward() async throws {
        let later = DeliveryFailure(code: "4.2.0", reason: "later")
        let route = ScriptedRoute { claim in claim.recipients.map { _ in .deferred(later) } }
        let month = Duration.seconds(30 * 86_400)
        try await running(route) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1)
            #expect(await iterator.next()?.outcome == .deferred(until: .after(160), later))
            clock.jump(by: month)
            clock.pass(.seconds(60))
            // Early, for what is due is measured by the clock that is ahead; and no older than it is.
            #expect(await iterator.next()?.outcome == .deferred(until: .after(160 + 300) + month, later))
            // Four days and some hours later it is still tried, five days after it came it is not.
            clock.pass(.seconds(5 * 86_400 - 3_600))
            #expect(await iterator.next()?.attempt == 3)
            clock.pass(.seconds(3_600))
            guard case .failed(let failure, _)? = await iterator.next()?.outcome else {
                Issue.record("not expired")
                return
            }
            #expect(failure.code == "4.4.7")
        }
    }

    @Test("F8: two hours back while it runs do not hold up the next attempt")
    func jumpBack() async throws {
        let later = DeliveryFailure(code: "4.2.0", reason: "later")
        let route = ScriptedRoute { claim in claim.recipients.map { _ in .deferred(later) } }
        try await running(route) { _, _ in
            var iterator = events.stream.makeAsyncIterator()
            try await submit(1)
            #expect(await iterator.next()?.outcome == .deferred(until: .after(160), later))
            clock.jump(by: .seconds(-7_200))
            clock.pass(.seconds(60))
            #expect(await iterator.next()?.outcome == .deferred(until: .after(460), later))
            clock.pass(.seconds(300))
            #expect(await iterator.next()?.attempt == 3)
        }
    }
}

/// A route that does what a test says.
final class ScriptedRoute: Route {
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
