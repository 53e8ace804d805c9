import ArgumentParser
import NIOCore
import NIOPosix

/// Connections that stay, as those of programs do that will have more to say.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Open connections, submit a message over each, hold them until a line comes in.")

    @OptionGroup var submitter: Submitter

    @Option(help: "How many.")
    var connections = 2_000

    func run() async throws {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).any()
        let began = ContinuousClock.now
        let load = try await submitter.load(
            Quota(messages: connections, seconds: nil), connections: min(32, connections), perConnection: nil, on: loop
        ).get()
        let tally = try await loop.submit { load.value.tally }.get()
        print(tally.summary(over: ContinuousClock.now - began))
        Standard.flush()
        _ = readLine()
        let dropped = try await loop.submit { load.value.dropped }.get()
        print("{\"dropped\": \(dropped)}")
    }
}
