import ArgumentParser
import NIOCore
import NIOPosix
import Synchronization

/// Listens until its standard input ends, and counts.
struct SinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sink", abstract: "Take every message, keep none, and print the count for each line of input.")

    @Option(help: "The port on 127.0.0.1; 0 lets the system pick.")
    var port = 0

    func run() async throws {
        let count = Count()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SinkHandler(count))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        print(server.localAddress?.port ?? port)
        Standard.flush()
        while readLine() != nil {
            print(count.value)
            Standard.flush()
        }
    }
}

/// Messages taken.
final class Count: Sendable {
    private let messages = Atomic(0)

    var value: Int { messages.load(ordering: .relaxed) }

    func add() {
        messages.add(1, ordering: .relaxed)
    }
}
