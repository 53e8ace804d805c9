import NIOCore
import PosternSMTP
import Testing

@Suite("Replies")
struct ReplyTests {
    private func write(_ reply: Reply) -> String {
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        return String(buffer: buffer)
    }

    @Test("SUB-162: the enhanced code stands on each line, its class follows the code; a reply may have none")
    func forms() {
        #expect(write(Reply(250, .init(1, 0), "OK")) == "250 2.1.0 OK\r\n")
        #expect(write(Reply(535, .init(7, 8), "no")) == "535 5.7.8 no\r\n")
        #expect(write(Reply(421, .init(5, 1), "bye")) == "421 4.5.1 bye\r\n")
        #expect(write(Reply(525, .init(7, 13), "no")) == "525 5.7.13 no\r\n")
        #expect(write(Reply(220, "mail.example.org")) == "220 mail.example.org\r\n")
        #expect(write(Reply(334, "")) == "334 \r\n")
        #expect(write(Reply(250, lines: ["a", "b", "c"])) == "250-a\r\n250-b\r\n250 c\r\n")
        #expect(write(Reply(554, .init(6, 0), lines: ["a", "b"])) == "554-5.6.0 a\r\n554 5.6.0 b\r\n")
        #expect(write(Reply(250, lines: [])) == "250 \r\n")
    }

    @Test(
        "No text splits a reply in two or puts a control character on the wire",
        arguments: ["\r\n", "\n", "\r", "\0", "\u{1B}", "ä", "\u{2028}", "\t", "\u{7F}"])
    func splitting(_ text: String) {
        let written = write(Reply(250, .init(0, 0), "a\(text)250 b"))
        #expect(written.utf8.filter { $0 == 0x0A }.count == 1)
        #expect(written.hasSuffix("\r\n"))
        #expect(written.dropLast(1).utf8.allSatisfy { (32...126).contains($0) })
        #expect(written.contains("?"))
    }
}
