import Logging
import NIOCore
import PosternMail
import ServiceLifecycle
import Synchronization
import Testing

@testable import PosternClient

@Suite("Submission: the pool", .timeLimit(.minutes(1)))
struct SubmissionPoolTests {
    private func send(_ count: Int, over client: SubmissionClient) async throws {
        let envelope = try SubmissionClientTests.envelope("bob@example.net")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask { _ = try await client.send(SubmissionClientTests.text, envelope: envelope) }
            }
            try await group.waitForAll()
        }
    }

    @Test("never more connections than the limit, and each carries many messages")
    func limits() async throws {
        let server = try await SubmissionServer()
        var configuration = try SubmissionClientTests.configuration(server)
        configuration.pool = PoolLimits(connections: 3, messagesPerConnection: 10)
        try await send(60, over: SubmissionClientTests.client(configuration))
        let seen = server.seen
        #expect(seen.contents.count == 60)
        #expect(seen.lines.filter { $0.hasPrefix("AUTH") }.count == seen.connections)
        // A connection that says goodbye is left to itself.
        #expect((6...9).contains(seen.connections))
        try await server.stop()
    }

    @Test("a connection that was closed meanwhile costs nothing but another")
    func stale() async throws {
        let server = try await SubmissionServer(
            ServerBehaviour(recipients: ["RCPT TO:<bye@example.net>": "421 4.3.2 bye"]))
        let client = try SubmissionClientTests.client(SubmissionClientTests.configuration(server))
        try await send(1, over: client)
        let error = await #expect(throws: SubmissionError.self) {
            try await client.send(
                SubmissionClientTests.text, envelope: SubmissionClientTests.envelope("bye@example.net"))
        }
        #expect(error?.reason == .refused)
        #expect(error?.retry == .later(after: .seconds(60)))
        try await send(1, over: client)
        try await server.stop()
    }

    @Test("whoever waits is served in the order of coming, and may stop waiting")
    func order() async throws {
        let pool = SubmissionPool(PoolLimits(connections: 1))
        try await pool.enter()
        let order = Shared<[Int]>([])
        var tasks: [Task<Void, any Error>] = []
        for index in 0..<5 {
            tasks.append(
                Task {
                    try await pool.enter()
                    order.change { $0.append(index) }
                    pool.leave()
                })
            while pool.load.waiting <= index { await Task.yield() }
        }
        tasks[2].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[2].value }
        pool.leave()
        for index in [0, 1, 3, 4] { try await tasks[index].value }
        #expect(order.value == [0, 1, 3, 4])
        #expect(pool.load.inside == 0 && pool.load.waiting == 0)
    }

    @Test("a task that is cancelled already gets no connection")
    func cancelledBefore() async throws {
        let pool = SubmissionPool(PoolLimits(connections: 1))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await pool.enter()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(pool.load.inside == 0 && pool.load.waiting == 0)
        try await pool.enter()
    }

    @Test("so many wait, for so long, and nobody more")
    func busy() async throws {
        let pool = SubmissionPool(PoolLimits(connections: 1, waiting: 1, waitTime: .milliseconds(50)))
        try await pool.enter()
        let first = Task { try await pool.enter() }
        while pool.load.waiting == 0 { await Task.yield() }
        await #expect(throws: SubmissionPool.Busy.self) { try await pool.enter() }
        await #expect(throws: SubmissionPool.Busy.self) { try await first.value }
        #expect(pool.load.inside == 1 && pool.load.waiting == 0)
        // Who gives up has taken nothing.
        pool.leave()
        try await pool.enter()
        pool.leave()
        #expect(pool.load.inside == 0)
    }

    @Test("a server that hangs holds up nobody for longer than the time to wait")
    func hangingServer() async throws {
        let server = try await SubmissionServer(ServerBehaviour(final: nil))
        var configuration = try SubmissionClientTests.configuration(server)
        configuration.pool = PoolLimits(connections: 1, waitTime: .milliseconds(50))
        let client = SubmissionClientTests.client(configuration)
        let envelope = try SubmissionClientTests.envelope("bob@example.net")
        let hanging = Task { try await client.send(SubmissionClientTests.text, envelope: envelope) }
        while server.seen.contents.isEmpty { await Task.yield() }
        let error = await #expect(throws: SubmissionError.self) {
            try await client.send(SubmissionClientTests.text, envelope: envelope)
        }
        #expect(
            error?.reason == .busy && error?.acceptance == .notAccepted && error?.retry == .later(after: .seconds(10)))
        hanging.cancel()
        _ = try? await hanging.value
        try await server.stop()
    }

    @Test("the end waits for those inside and those who wait, and lets nobody in")
    func end() async throws {
        let pool = SubmissionPool(PoolLimits(connections: 1))
        try await pool.enter()
        let waiting = Task { try await pool.enter() }
        while pool.load.waiting == 0 { await Task.yield() }
        let isOver = Shared(false)
        let closing = Task {
            await pool.close()
            isOver.change { $0 = true }
        }
        while !pool.isClosed { await Task.yield() }
        await #expect(throws: SubmissionPool.Closed.self) { try await pool.enter() }
        #expect(!isOver.value)
        pool.leave()
        try await waiting.value
        #expect(!isOver.value)
        pool.leave()
        await closing.value
    }

    @Test("a service that is told to stop finishes what is under way, says QUIT, and takes nothing more")
    func gracefulShutdown() async throws {
        let server = try await SubmissionServer()
        let client = try SubmissionClientTests.client(SubmissionClientTests.configuration(server))
        let group = ServiceGroup(
            configuration: .init(services: [client], logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        try await send(8, over: client)
        let (pieces, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        let underWay = Task {
            try await client.send(
                SubmissionContent(stream: pieces, isEightBit: false),
                envelope: SubmissionClientTests.envelope("bob@example.net"))
        }
        while server.seen.lines.filter({ $0 == "DATA" }).count < 9 { await Task.yield() }
        await group.triggerGracefulShutdown()
        source.yield(ByteBuffer(string: "a: b\r\n\r\nlate\r\n"))
        source.finish()
        #expect(try await underWay.value.isComplete)
        try await running.value
        #expect(server.seen.contents.count == 9)
        let error = await #expect(throws: SubmissionError.self) {
            try await client.send(
                SubmissionClientTests.text, envelope: SubmissionClientTests.envelope("bob@example.net"))
        }
        #expect(error?.reason == .stopped)
        #expect(server.seen.lines.filter { $0 == "QUIT" }.count == server.seen.connections)
        try await server.stop()
    }

    @Test("a submission that is cancelled after its content went out may have been accepted")
    func cancelled() async throws {
        let server = try await SubmissionServer(ServerBehaviour(final: nil))
        let client = try SubmissionClientTests.client(SubmissionClientTests.configuration(server))
        let task = Task {
            try await client.send(
                SubmissionClientTests.text, envelope: SubmissionClientTests.envelope("bob@example.net"))
        }
        while server.seen.contents.isEmpty { await Task.yield() }
        task.cancel()
        let error = await #expect(throws: SubmissionError.self) { try await task.value }
        #expect(error?.reason == .cancelled)
        #expect(error?.acceptance == .mayHaveBeenAccepted)
        #expect(error?.retry == .unsafe)
        #expect(error?.recipients.map(\.outcome) == [.unknown])
        try await server.stop()
    }
}

/// A value that several tasks see.
final class Shared<Value: Sendable>: Sendable {
    private let guarded: Mutex<Value>

    init(_ value: Value) { guarded = Mutex(value) }

    var value: Value { guarded.withLock { $0 } }
    func change(_ change: (inout Value) -> Void) { guarded.withLock { change(&$0) } }
}
