import ArgumentParser
import Foundation
import NIOCore
import PosternClient
import PosternMail

/// Submits for a time, or a number of messages, over connections that each carry one message after the other, by the same
/// machine that delivers Postern's mail.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submit messages, and print what it took as one line of JSON.")

    @Option(help: "The server's port on 127.0.0.1.")
    var port: Int

    @Option(help: "A file with the authority of the server's certificate, in PEM.")
    var ca: String

    @Option(help: "The client's certificate, in PEM.")
    var certificate: String

    @Option(help: "Its key, in PEM.")
    var key: String

    @Option(help: "The reverse-path.")
    var from: String

    @Option(help: "The recipient.")
    var to: String

    @Option(help: "Connections side by side.")
    var connections = 16

    @Option(help: "Octets of a message's text.")
    var size = 4_096

    @Option(help: "Ends after so many seconds.")
    var seconds: Int?

    @Option(help: "Ends after so many messages.")
    var messages: Int?

    func validate() throws {
        guard (seconds == nil) != (messages == nil) else {
            throw ValidationError("give either --seconds or --messages")
        }
        guard connections > 0, size > 0 else { throw ValidationError("--connections and --size are at least 1") }
    }

    func run() async throws {
        let message = try TestMessage(from: from, to: to, size: size)
        let trust = try Self.read(ca, as: "authorities") { ClientTrust(pem: $0) }
        let identity = try ClientIdentity(certificate: Self.octets(of: certificate), key: Self.octets(of: key))
        let quota = Quota(messages: messages, seconds: seconds)
        let began = ContinuousClock.now
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for _ in 0..<connections {
                // Each has a pool of its own, so that each is one connection.
                let settings = ClientSettings(hostname: "load.example.org", tls: .verify)
                let client = try NextHopClient(
                    .host("localhost", port: port), settings, trust: trust, identity: identity)
                group.addTask { await message.submit(to: client, while: quota) }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        print(tally.summary(over: ContinuousClock.now - began))
        if tally.accepted == 0 { throw ExitCode.failure }
    }

    private static func octets(of path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func read<Value>(_ path: String, as name: String, _ parse: ([UInt8]) -> Value?) throws -> Value {
        guard let value = parse(try octets(of: path)) else {
            throw ValidationError("\(path) holds no \(name) that can be read; expected PEM")
        }
        return value
    }
}
