import ArgumentParser

/// `postern queue`: what is in the queue of a running server, and what is done to it.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "See and change the queue of a running server.",
        discussion: """
            The commands speak to the server over the control socket in its state folder, as its own user or as root. Ends with 0; 64 \
            if what was typed is not understood, 66 if a message is not in the queue, 69 if no server runs there, 75 if the \
            storage failed, 77 if the server takes no commands from this user.
            """,
        subcommands: [List.self, Show.self, Retry.self, Hold.self, Release.self, Remove.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List messages in the order in which they came, with the recipients that the conditions name.",
            discussion: "With --json an object a line, a message each.")
        @OptionGroup var conditions: QueueConditions
        @OptionGroup var control: ControlOptions

        func run() throws {
            try control.show(
                "/queue\(conditions.query())",
                empty: conditions.values.isEmpty ? "the queue is empty" : "nothing in the queue is like that")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all that is known of one message; never its text.")
        @Argument(help: "The queue id.") var id: String
        @OptionGroup var control: ControlOptions

        func run() throws { try control.show("/queue/\(QueueConditions.encoded(id))") }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try waiting and failed recipients now.")
        @OptionGroup var selection: QueueSelection
        @OptionGroup var control: ControlOptions

        func run() throws { try control.post("/queue/retry", selection.body()) }
    }

    struct Hold: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep waiting and failed recipients until they are released.")
        @OptionGroup var selection: QueueSelection
        @Option(help: "Why, for those who see it in the queue.") var note: String?
        @OptionGroup var control: ControlOptions

        func run() throws { try control.post("/queue/hold", selection.body(note: note)) }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let held recipients go, and try them now.")
        @OptionGroup var selection: QueueSelection
        @OptionGroup var control: ControlOptions

        func run() throws { try control.post("/queue/release", selection.body()) }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take recipients out of the queue for good, without a word to anybody.",
            discussion: """
                A message goes with its last recipient. A recipient that is being delivered at this moment stays, and the answer \
                says so.
                """)
        @OptionGroup var selection: QueueSelection
        @OptionGroup var control: ControlOptions

        func run() throws { try control.post("/queue/remove", selection.body()) }
    }
}
