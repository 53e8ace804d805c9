import ArgumentParser
import PosternMail
import PosternQueue

/// `postern check`: everything that is wrong with a configuration, or dangerous in it.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a configuration, and every hazard in it.",
        discussion: "Ends with 0 if the server would start with it, else with 78.")

    @Argument(help: "The configuration, such as /etc/postern/postern.yaml.")
    var file: String

    func run() throws {
        let reading = Assembled.read(file, at: .now)
        for problem in reading.problems { Terminal.print("\(problem)") }
        guard let assembled = reading.value else { throw ExitCode.configurationError }
        if reading.problems.isEmpty { Terminal.print("\(file): no errors, \(assembled.summary)") }
    }
}

extension Assembled {
    /// For people, in a few words: what was read.
    fileprivate var summary: String {
        let names = listeners.map { "\($0.name) (\($0.settings.listener.policy.rawValue))" }.joined(separator: ", ")
        return "listeners: \(names)"
    }
}
