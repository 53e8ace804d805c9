import ArgumentParser
import PosternMail
import PosternQueue

/// `postern check`: everything that is wrong with a configuration, or dangerous in it.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a configuration, and every hazard in it.",
        discussion: """
            Ends with 0 if the server would start with it, else with 78. With --probe the server that runs with it is asked \
            what its listeners do with certificates, as `postern probe` asks others; where one does something else than its \
            policy says, that is said, and the status is 1.
            """)

    @Argument(help: "The configuration, such as /etc/postern/postern.yaml.")
    var file: String

    @Flag(help: "Ask the running listeners whether they do what their policies say.")
    var probe = false

    func run() async throws {
        let reading = Assembled.read(file, at: .now)
        for problem in reading.problems { Terminal.print("\(problem)") }
        guard let assembled = reading.value else { throw ExitCode.configurationError }
        if reading.problems.isEmpty { Terminal.print("\(file): no errors, \(assembled.summary)") }
        if probe { try await ask(assembled) }
    }

    private func ask(_ assembled: Assembled) async throws {
        let answers = try await ListenerProbe(assembled: assembled).differences()
        for (listener, differences) in zip(assembled.listeners, answers.map(\.differences)) {
            let policy = listener.settings.listener.policy.rawValue
            if differences.isEmpty { Terminal.print("\(listener.name): does what its policy (\(policy)) says") }
            for difference in differences { Terminal.print("\(listener.name): policy \(policy), but \(difference)") }
        }
        if answers.contains(where: { !$0.differences.isEmpty }) { throw ExitCode.failure }
    }
}

extension Assembled {
    /// For people, in a few words: what was read.
    fileprivate var summary: String {
        let names = listeners.map { "\($0.name) (\($0.settings.listener.policy.rawValue))" }.joined(separator: ", ")
        return "listeners: \(names)"
    }
}
