import Foundation
import Logging
import PosternClient

/// Writes to everybody in a file, and says what became of each.
///
///     MAIL_HOST=mail.example.org MAIL_USER=news MAIL_PASSWORD_FILE=password swift run example-batch each people.txt
///
/// `each`: a message for each line, over a few connections at once. `together`: one message for all; those that the
/// server refuses do not keep it from the others. The exit status is that of the worst: 0, 69 where an address was refused for
/// good, 75 where a later run may help.
@main
struct Batch {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let way = arguments.first, let path = arguments.last else {
            print("usage: example-batch each|together FILE")
            exit(64)
        }
        let people = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline).map(
            String.init)
        let mail = SubmissionClient(
            try await configuration(ProcessInfo.processInfo.environment), logger: Logger(label: "batch"))
        let running = Task { try await mail.run() }
        let mailing = Mailing(mail: mail, from: try NamedMailbox("News <bob@example.org>"))
        let fates = way == "each" ? await mailing.each(people) : await mailing.together(people)
        running.cancel()
        try await running.value
        for fate in fates { print("\(fate.word) \(fate.address): \(fate.detail)") }
        exit(fates.map(\.status).max() ?? 0)
    }

    /// From the environment: MAIL_HOST, MAIL_USER, MAIL_PASSWORD_FILE; for a server of one's own MAIL_PORT (with TLS at once)
    /// and MAIL_AUTHORITY.
    private static func configuration(_ environment: [String: String]) async throws -> SubmissionConfiguration {
        var configuration = SubmissionConfiguration(
            host: environment["MAIL_HOST"] ?? "localhost", hostname: ProcessInfo.processInfo.hostName)
        if let user = environment["MAIL_USER"], let file = environment["MAIL_PASSWORD_FILE"] {
            let line = try String(contentsOfFile: file, encoding: .utf8).prefix { !$0.isNewline }
            configuration.login = try .init(name: user, password: Secret(preparing: line))
        }
        if let port = environment["MAIL_PORT"].flatMap(Int.init) {
            configuration.ports = [SubmissionPort(port, .implicitTLS)]
        }
        if let authority = environment["MAIL_AUTHORITY"] {
            configuration.trust = try await ClientTrust(file: authority)
        }
        return configuration
    }
}
