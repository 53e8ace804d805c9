import ArgumentParser

/// `postern reload`: what SIGHUP does, with an answer.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Let a running server read its configuration and files anew, all or nothing.",
        discussion: """
            Ends with 0 if all of it is in force, and with 78 if anything is wrong with it: then the old configuration stays, \
            and every error is told with file, line and column.
            """)
    @OptionGroup var control: ControlOptions

    func run() throws { try control.post("/reload") }
}
