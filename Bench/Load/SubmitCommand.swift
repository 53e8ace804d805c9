import ArgumentParser
import NIOCore
import NIOPosix

/// Submits for a time, or a number of messages, over connections side by side.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit messages, and print what it took as one line of JSON.")

    @OptionGroup var submitter: Submitter

    @Option(help: "Connections side by side.")
    var connections = 16

    @Option(help: "Messages after which a connection makes way for a new one.")
    var perConnection = 100

    @Option(help: "Ends after so many seconds.")
    var seconds: Int?

    @Option(help: "Ends after so many messages.")
    var messages: Int?

    func validate() throws {
        guard (seconds == nil) != (messages == nil) else {
            throw ValidationError("give either --seconds or --messages")
        }
        guard connections > 0, perConnection > 0 else {
            throw ValidationError("--connections and --per-connection are at least 1")
        }
    }

    func run() async throws {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).any()
        let began = ContinuousClock.now
        let tally = try await submitter.load(
            Quota(messages: messages, seconds: seconds), connections: connections, perConnection: perConnection,
            on: loop
        ).map { $0.value.tally }.get()
        print(tally.summary(over: ContinuousClock.now - began))
        if tally.accepted == 0 { throw ExitCode.failure }
    }
}
