import ArgumentParser

/// `postern status`: how a running server is.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how a running server is: its queue, its health, what will expire.")
    @OptionGroup var control: ControlOptions

    func run() throws { try control.show("/status") }
}
