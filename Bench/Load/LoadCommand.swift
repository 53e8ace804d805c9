import ArgumentParser

/// The instruments of `make bench`: a generator of load, and a next hop that takes everything.
@main
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern-load",
        abstract: "Submits messages as fast as a server takes them, or takes them as fast as they come.",
        subcommands: [SubmitCommand.self, HoldCommand.self, SinkCommand.self])
}
