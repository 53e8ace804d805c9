import ArgumentParser
import Glibc
import Logging
import PosternMail
import PosternQueue
import PosternServer

/// `postern demo`: a server to try things with, made and started by one command.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Make certificates and accounts, start a server on this machine, and print lines that send to it.",
        discussion: """
            What is in the folder already is used again. Mail goes to Maildirs in the folder and nowhere else. Ctrl-C \
            lets running transactions finish and ends with 0.
            """)

    @Option(help: "The folder for everything that the demo makes.")
    var directory = ".postern"

    @Option(help: .init("The port with STARTTLS; 0 lets the system pick one.", visibility: .hidden))
    var submissionPort: Int?

    @Option(help: .init("The port with TLS at once; 0 lets the system pick one.", visibility: .hidden))
    var submissionsPort: Int?

    func run() async throws {
        let now = Timestamp.now
        let folder = DemoFolder(path: Self.withoutSlash(directory))
        for thing in try folder.prepare(at: now) { Terminal.print("made \(thing)") }
        let reading = Assembled.read(folder.configurationPath, at: now)
        for problem in reading.problems { Terminal.complain("\(problem)") }
        guard let assembled = reading.value else { throw ExitCode.configurationError }
        let configured = assembled.listening(
            on: ["submission": submissionPort, "submissions": submissionsPort].compactMapValues { $0 })
        let said = LineQueue(descriptor: STDOUT_FILENO) { Array("(\($0) lines were lost)".utf8) }
        let journal = DemoJournal(
            listenerCount: configured.listeners.count, start: now, say: { said.append(Array($0.utf8)) },
            listening: { Self.welcome(folder, ports: $0) })
        try await ServerProcess(
            assembled: configured, configuration: nil, log: ProcessLog(.text, level: .warning), observer: journal,
            ending: { said.append(Array("ending; what runs may finish, and Ctrl-C once more ends at once".utf8)) },
            deliveries: { journal.record($0) }, notices: { _ in }
        ).run()
        said.flush()
        Terminal.print("stopped; `postern demo` again goes on with what is in \(folder.path)")
    }

    private static func withoutSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// What is to be read once the server listens; the lines stand in a file too.
    private static func welcome(_ folder: DemoFolder, ports: [String: Int]) {
        let listeners = ports.sorted { $0.key < $1.key }.map { "\($0.key) on port \($0.value)" }
        Terminal.print("listening: \(listeners.joined(separator: ", "))")
        Terminal.print("mail goes to \(folder.mailPath)/ADDRESS/new")
        guard let startTLS = ports["submission"], let implicit = ports["submissions"] else { return }
        let lines = DemoLines(folder).lines(startTLS: startTLS, implicit: implicit)
        Terminal.print(
            "\nLines to paste into another terminal; \(folder.linesPath) has them for TLS at once as well:\n")
        Terminal.print(DemoLines.text(of: lines.filter { $0.tls == .startTLS }))
        NewFile.remove([folder.linesPath])
        do throws(NewFileError) {
            try NewFile.create(folder.linesPath, DemoLines.text(of: lines), mode: 0o644)
        } catch {
            Terminal.complain("postern: \(error)")
        }
        Terminal.print("Each accepted message shows below. Ctrl-C ends the demo.")
    }
}
