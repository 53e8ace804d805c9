import Foundation
import Logging
import PosternClient
import PosternConnection
import PosternSASL

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
            try configuration(ProcessInfo.processInfo.environment), logger: Logger(label: "batch"))
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
    private static func configuration(_ environment: [String: String]) throws -> SubmissionConfiguration {
        func file(_ name: String) throws -> [UInt8]? {
            try environment[name].map { Array(try Data(contentsOf: URL(filePath: $0))) }
        }
        var configuration = SubmissionConfiguration(
            host: environment["MAIL_HOST"] ?? "localhost", hostname: ProcessInfo.processInfo.hostName)
        if let user = environment["MAIL_USER"], let password = try file("MAIL_PASSWORD_FILE") {
            let line = password.prefix { $0 != UInt8(ascii: "\n") }
            configuration.login = try .init(name: user, password: Secret(preparing: line))
        }
        if let port = environment["MAIL_PORT"].flatMap(Int.init) {
            configuration.ports = [SubmissionPort(port, .implicitTLS)]
        }
        if let trust = try file("MAIL_AUTHORITY").flatMap(ClientTrust.init(pem:)) { configuration.trust = trust }
        return configuration
    }
}
