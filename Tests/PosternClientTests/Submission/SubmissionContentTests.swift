import Foundation
import NIOCore
import PosternConnection
import Testing

@testable import PosternClient

/// SUB-219: whatever the line ends are, what arrives is the same, and every line ends in CRLF.
@Suite("Submission: content", .timeLimit(.minutes(1)))
struct SubmissionContentTests {
    private static let cases: [(sent: String, arrives: String)] = [
        ("a: b\n\nbare\n", "a: b\r\n\r\nbare\r\n"),
        ("a: b\r\n\nmixed\r\nends\n", "a: b\r\n\r\nmixed\r\nends\r\n"),
        ("a: b\r\n\r\nno end", "a: b\r\n\r\nno end\r\n"),
        ("a: b\n\n.\n..\n.x\n.", "a: b\r\n\r\n.\r\n..\r\n.x\r\n.\r\n"),
        ("a: b\r\n\r\nlone\rCR\r", "a: b\r\n\r\nlone\r\nCR\r\n"),
        ("a: b\r\n\r\n\u{e9}\u{2026}\u{0}\r\n", "a: b\r\n\r\n\u{e9}\u{2026}\u{0}\r\n"),
        ("\n", "\r\n"),
        (
            "a: b\r\n\r\n" + String(repeating: "0123456789.\n", count: 40_000),
            "a: b\r\n\r\n" + String(repeating: "0123456789.\r\n", count: 40_000)
        ),
    ]

    private func pieces(_ text: String, of size: Int) -> AsyncStream<ByteBuffer> {
        AsyncStream { stream in
            var rest = ByteBuffer(string: text)
            while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                stream.yield(piece)
                stream.yield(ByteBuffer())
            }
            stream.finish()
        }
    }

    @Test(
        "from memory, from a file, and as a stream; with DATA and with BDAT",
        arguments: [["8BITMIME"], ["8BITMIME", "PIPELINING", "CHUNKING"]])
    func unharmed(extensions: [String]) async throws {
        let server = try await SubmissionServer(ServerBehaviour(extensions: extensions + ["SIZE 0"]))
        let client = try SubmissionClientTests.client(SubmissionClientTests.configuration(server))
        let envelope = try SubmissionClientTests.envelope("bob@example.net")
        let folder = FileManager.default.temporaryDirectory.appending(path: "postern-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (sent, arrives) in Self.cases {
            let path = folder.appending(path: "message").path
            try Data(sent.utf8).write(to: URL(filePath: path))
            let contents: [SubmissionContent] = [
                SubmissionContent(sent.utf8), try await SubmissionContent(file: path),
                SubmissionContent(stream: pieces(sent, of: sent.utf8.count < 1_000 ? 7 : 4_099)),
                SubmissionContent(stream: pieces(sent, of: 100_000)),
            ]
            for content in contents {
                _ = try await client.send(content, envelope: envelope)
                #expect(server.seen.contents.last == Array(arrives.utf8))
            }
            #expect(contents[0].length == arrives.utf8.count)
            #expect(contents[1].length == arrives.utf8.count)
            #expect(server.seen.lines.contains { $0.contains("SIZE=\(arrives.utf8.count)") })
        }
        try await server.stop()
    }

    @Test("what is 8-bit, and where, is found whatever the pieces", arguments: [1, 2, 3, 1_000])
    func scan(size: Int) {
        let cases: [(String, Int, Bool, Bool)] = [
            ("a: b\r\n\r\nplain", 15, false, false), ("a: b\n\n\u{e9}\n", 12, true, false),
            ("a: \u{e9}\n\nplain\n", 16, true, true), ("a: b\r\r\u{e9}", 12, true, false), ("", 0, false, false),
            ("a: \u{e9}\r\n\r\n\u{e9}\r\n", 13, true, true), ("a\rb", 6, false, false),
            ("\r\r\n", 4, false, false), ("a\r\n", 3, false, false),
        ]
        for (text, length, isEightBit, isInternational) in cases {
            var scan = ContentScan()
            var rest = ByteBuffer(string: text)
            while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                scan.read(piece)
            }
            scan.end()
            #expect(scan.length == length, "\(text.debugDescription)")
            #expect(scan.count == text.utf8.count)
            #expect(scan.isEightBit == isEightBit)
            #expect(scan.hasInternationalHeader == isInternational)
        }
    }

    @Test("octets in memory say with their last piece that it is the last, so that the end goes out with it")
    func last() async {
        for (size, count) in [(1, 1), (128 * 1024, 1), (128 * 1024 + 1, 2)] {
            let next = SubmissionContent([UInt8](repeating: 97, count: size)).open()
            for index in 1...count {
                switch await next() {
                case .octets: #expect(index < count)
                case .last: #expect(index == count)
                case .end, .unreadable: Issue.record("no piece \(index) of \(size) octets")
                }
            }
        }
    }

    @Test("a file that is not there, and a stream that breaks off: nothing is taken for a message")
    func unreadable() async throws {
        await #expect(throws: ContentFault.self) { try await SubmissionContent(file: "/nowhere/at/all") }
        await #expect(throws: ContentFault.self) { try await SubmissionContent(file: "/") }
        struct Broken: Error {}
        let server = try await SubmissionServer()
        let stream = AsyncThrowingStream<ByteBuffer, any Error> { stream in
            stream.yield(ByteBuffer(string: "a: b\r\n\r\nhalf"))
            stream.finish(throwing: Broken())
        }
        let client = try SubmissionClientTests.client(SubmissionClientTests.configuration(server))
        let error = await #expect(throws: SubmissionError.self) {
            try await client.send(
                SubmissionContent(stream: stream), envelope: SubmissionClientTests.envelope("bob@example.net"))
        }
        #expect(error?.reason == .contentUnreadable)
        #expect(error?.acceptance == .notAccepted)
        #expect(server.seen.contents.isEmpty)
        try await server.stop()
    }
}
