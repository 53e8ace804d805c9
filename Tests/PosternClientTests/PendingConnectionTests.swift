import NIOCore
import NIOPosix
import Testing

@testable import PosternClient

@Suite("Connections that are being opened")
struct PendingConnectionTests {
    private struct Refused: Error {}

    private let connection = PendingConnection(on: MultiThreadedEventLoopGroup.singleton.next())

    @Test("one that is given up speaks no more, whenever it comes about")
    func givenUp() async {
        connection.giveUp()
        #expect(!connection.begin())
        connection.end(.failure(Refused()))
        await #expect(throws: PendingConnection.GivenUp.self) { try await connection.opened() }
    }

    @Test("R6: one that speaks is not given up: what was said counts, and it comes to its own end")
    func speaking() async {
        #expect(connection.begin())
        connection.giveUp()
        connection.end(.failure(Refused()))
        await #expect(throws: Refused.self) { try await connection.opened() }
    }

    @Test("where the process stops one is given up whether it was begun before or after, and one that has ended is not")
    func stop() async {
        let connections = PendingConnections()
        let (ended, later) = (
            PendingConnection(on: MultiThreadedEventLoopGroup.singleton.next()),
            PendingConnection(on: MultiThreadedEventLoopGroup.singleton.next())
        )
        connections.add(ended)
        connections.add(connection)
        ended.end(.failure(Refused()))
        connections.close()
        connections.add(later)
        await #expect(throws: Refused.self) { try await ended.opened() }
        for one in [connection, later] {
            await #expect(throws: PendingConnection.GivenUp.self) { try await one.opened() }
        }
    }
}
