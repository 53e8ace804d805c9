import ArgumentParser
import Glibc
import PosternSend

/// The program. Its commands are in `Commands/`, a file each.
@main
struct Postern: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "A mail submission server for clients that log in with a certificate, by either sequence.",
        discussion: """
            A client with a certificate says AUTH EXTERNAL (sequence A) or simply MAIL (sequence B). Postern takes both, \
            and keeps every message on disk before it answers 250.
            """,
        subcommands: [
            DemoCommand.self, ServeCommand.self, CheckCommand.self, ExplainCommand.self, CertificateCommand.self,
            PasswordCommand.self, SendCommand.self, ProbeServerCommand.self, QueueCommand.self, StatusCommand.self,
            ReloadCommand.self,
            DrainCommand.self,
        ]
    )

    /// As the parser's own, with the exit status that a `CommandError` asks for.
    static func main() async {
        // Who reads our output may go; that is no reason to end in the middle of a message.
        signal(SIGPIPE, SIG_IGN)
        StandardDescriptors.open()
        // By a symbolic link it is what programs have called for forty years.
        if let name = CommandLine.arguments.first, let role = SendArguments.Role(programName: name) {
            Glibc.exit(await SendProgram(role: role).run(Array(CommandLine.arguments.dropFirst())).rawValue)
        }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as any CommandError {
            Terminal.complain("postern: \(error)")
            exit(withError: error.status)
        } catch {
            exit(withError: error)
        }
    }
}
