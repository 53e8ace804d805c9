import ArgumentParser
import Glibc

/// `postern drain`: what SIGTERM does, waited for.
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Let a running server finish what runs, take nothing new, and end.",
        discussion:
            "Idle clients are told 421 at once, running transactions may finish, a minute at most. Returns when the server has ended."
    )
    @Flag(help: "Return as soon as it has begun.")
    var noWait = false
    @OptionGroup var control: ControlOptions

    func run() throws {
        let server = try control.client().server
        try control.post("/drain")
        guard !noWait else { return }
        // The socket is closed before the process has ended; whoever waits for it may want to start the next one.
        while server?.isRunning ?? ((try? control.client()) != nil) { usleep(100_000) }
        if !control.json { Terminal.print("ended") }
    }
}
