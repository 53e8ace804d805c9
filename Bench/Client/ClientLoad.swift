import ArgumentParser
import Glibc
import Logging
import NIOCore
import PosternClient
import PosternMail

/// Submits messages to a server on this machine through one pool, and says what it took.
@main
struct ClientLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-load", abstract: "Submit messages through the client library, without TLS.")

    @Option(help: "The server's port on 127.0.0.1.")
    var port: Int
    @Option(help: "How many messages.")
    var messages = 10_000
    @Option(help: "Octets of each.")
    var size = 4_096
    @Option(help: "Connections of the pool.")
    var connections = 4

    func run() async throws {
        guard let sender = Mailbox("alice@example.org"), let recipient = Mailbox("bob@example.net"),
            let envelope = Envelope(reversePath: .mailbox(sender), recipients: [recipient])
        else { throw ValidationError("no envelope") }
        let configuration = SubmissionConfiguration(
            host: "127.0.0.1", ports: [SubmissionPort(port, .none)], hostname: "client.example.org",
            pool: PoolLimits(connections: connections))
        let client = SubmissionClient(configuration, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<connections {
                let share = messages / connections + (sender < messages % connections ? 1 : 0)
                group.addTask {
                    for _ in 0..<share { _ = try await client.send(content, envelope: envelope) }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (clock.now - start) / .seconds(1)
        print(#"{"accepted": \#(messages), "seconds": \#(seconds)}"#)
    }

    /// Small ones from memory, large ones as somebody makes them.
    private var content: SubmissionContent {
        if size > Lines.pieceSize { return SubmissionContent(stream: Lines(size: size), isEightBit: false) }
        var octets = Lines.header
        octets.writeImmutableBuffer(Lines.piece(of: size - octets.readableBytes))
        return SubmissionContent(octets)
    }
}

/// A header, and lines as BASE64 has them.
private struct Lines: AsyncSequence, Sendable {
    static let pieceSize = 65_536
    static let header = ByteBuffer(string: "From: <alice@example.org>\r\nSubject: load\r\n\r\n")
    private static let line = String(repeating: "QUJD", count: 19) + "\r\n"
    private static let whole = ByteBuffer(string: String(repeating: line, count: pieceSize / line.utf8.count + 1))

    let size: Int

    static func piece(of size: Int) -> ByteBuffer {
        whole.getSlice(at: 0, length: Swift.max(0, Swift.min(size, pieceSize))) ?? ByteBuffer()
    }

    func makeAsyncIterator() -> Iterator { Iterator(left: size) }

    struct Iterator: AsyncIteratorProtocol {
        var left: Int
        private var isBegun = false

        init(left: Int) { self.left = left }

        mutating func next() async -> ByteBuffer? {
            guard left > 0 else { return nil }
            let piece = isBegun ? Lines.piece(of: left) : Lines.header
            isBegun = true
            left -= piece.readableBytes
            return piece
        }
    }
}
