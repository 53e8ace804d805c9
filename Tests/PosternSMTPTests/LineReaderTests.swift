import NIOCore
import PosternSMTP
import Testing

@Suite("Lines of commands")
struct LineReaderTests {
    private static let limits = (limit: 16, abandon: 40)

    /// Reads lines from octets that come in these pieces, until nothing is left to be read.
    private func read(_ pieces: [ArraySlice<UInt8>]) -> [LineReader.Result] {
        var reader = LineReader()
        var buffer = ByteBuffer()
        var results: [LineReader.Result] = []
        for piece in pieces {
            buffer.writeBytes(piece)
            reading: while true {
                let result = reader.next(from: &buffer, limit: Self.limits.limit, abandon: Self.limits.abandon)
                switch result {
                case .incomplete: break reading
                case .endless: return results + [result]
                case .line, .tooLong: results.append(result)
                }
            }
            if buffer.readableBytes > Self.limits.limit { Issue.record("\(buffer.readableBytes) octets are kept") }
        }
        return results
    }

    private func read(_ text: String) -> [LineReader.Result] { read([Array(text.utf8)[...]]) }

    private func line(_ text: String) -> LineReader.Result { .line(Array(text.utf8)) }

    @Test("SUB-004: a line ends in CRLF and in nothing else")
    func ends() {
        #expect(read("NOOP\r\n") == [line("NOOP")])
        #expect(read("a\r\nb\r\n\r\n") == [line("a"), line("b"), line("")])
        #expect(read("a\nb\r\n") == [line("a\nb")])
        #expect(read("a\rb\r\n") == [line("a\rb")])
        #expect(read("a\r\r\n") == [line("a\r")])
        #expect(read("\n\r\n") == [line("\n")])
        #expect(read("a\n") == [])
        #expect(read("a\r") == [])
    }

    @Test("An incomplete line leaves the buffer as it is")
    func incomplete() {
        for text in ["", "N", "NOOP", "NOOP\r", "NOOP\n", "\r"] {
            var reader = LineReader()
            var buffer = ByteBuffer(string: text)
            #expect(reader.next(from: &buffer, limit: 16, abandon: 40) == .incomplete)
            #expect(String(buffer: buffer) == text)
        }
    }

    @Test("What follows a line stays in the buffer")
    func rest() {
        var reader = LineReader()
        var buffer = ByteBuffer(string: "NOOP\r\nDATA\r\ntext")
        #expect(reader.next(from: &buffer, limit: 16, abandon: 40) == line("NOOP"))
        #expect(String(buffer: buffer) == "DATA\r\ntext")
    }

    @Test("SUB-007: a line of the limit passes; a longer one is swallowed and named by its beginning")
    func limits() {
        #expect(read("12345678901234\r\nx\r\n") == [line("12345678901234"), line("x")])
        #expect(read("123456789012345\r\nx\r\n") == [.tooLong(beginning: Array("12345678".utf8)), line("x")])
        let forty = String(repeating: "x", count: 40)
        #expect(read("\(forty)\r\nx\r\n") == [.tooLong(beginning: Array("xxxxxxxx".utf8)), line("x")])
        #expect(read("\(forty)x\r\nx\r\n") == [.endless])
        #expect(read("\(forty)x") == [.endless])
    }

    @Test("SUB-160: lines are the same whatever the pieces in which they come")
    func segmentation() {
        var generator = SeededGenerator(1)
        for _ in 0..<3_000 {
            // Many line ends and their halves, among a few letters.
            let parts: [[UInt8]] = [
                [0x0D, 0x0A], [0x0D], [0x0A], [0x61, 0x62, 0x63, 0x64, 0x65, 0x66], [0x00], [0xFF],
            ]
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                text += parts.randomElement(using: &generator) ?? []
            }
            let whole = read([text[...]])
            #expect(read(text.pieces(upTo: 1, using: &generator)) == whole)
            #expect(read(text.pieces(upTo: 7, using: &generator)) == whole)
            #expect(read(text.pieces(upTo: 50, using: &generator)) == whole)
        }
    }
}
