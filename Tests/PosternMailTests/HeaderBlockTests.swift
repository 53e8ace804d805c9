import PosternMail
import Testing

@Suite("Header blocks")
struct HeaderBlockTests {
    private func block(_ text: String) -> HeaderBlock { HeaderBlock(Array(text.utf8)) }

    @Test("RFC 5322 §2.2: fields keep their octets, names match in lower case, values are unfolded")
    func fields() {
        let block = block("Subject: a\r\n folded\r\n\tline\r\nX-Empty:\r\nfrom :  alice@example.org \r\n")
        #expect(block.fields.map(\.name) == ["subject", "x-empty", "from"])
        #expect(block.fields.map(\.value) == ["a folded\tline", "", "alice@example.org"])
        let octets = Array(block.fields.map(\.octets).joined())
        #expect(octets == Array("Subject: a\r\n folded\r\n\tline\r\nX-Empty:\r\nfrom :  alice@example.org \r\n".utf8))
        #expect(block.remainder.isEmpty)
    }

    @Test("Fields are found by name and counted")
    func lookups() {
        let block = block("Received: 1\r\nTo: x\r\nRECEIVED: 2\r\n")
        #expect(block.contains("to"))
        #expect(!block.contains("cc"))
        #expect(block.count(of: "received") == 2)
    }

    @Test(
        "The first line that is no field begins the remainder",
        arguments: [
            ("no colon here\r\n", 0), (": no name\r\n", 0), ("a b: c\r\n", 0), ("ä: c\r\n", 0),
            (" folded: at first\r\n", 0),
            ("A: 1\r\nDear friend,\r\nB: 2\r\n", 1), ("A: 1\r\n\0: 2\r\n", 1), ("", 0), ("\r\n", 0), ("A", 0),
        ])
    func remainder(_ text: String, _ count: Int) {
        let block = block(text)
        #expect(block.fields.count == count)
        let fields = block.fields.map { Array($0.octets) }.joined()
        #expect(Array(fields) + Array(block.remainder) == Array(text.utf8))
    }

    @Test("8-bit octets in a value and a last line without its end are kept")
    func oddities() {
        let octets = Array("X: ".utf8) + [0xFF, 0x80] + Array("\r\nY: z".utf8)
        let block = HeaderBlock(octets)
        #expect(block.fields.count == 2)
        #expect(Array(block.fields.map(\.octets).joined()) == octets)
    }

    @Test(
        "SUB-152: what is one identifier in angle brackets is a Message-ID",
        arguments: ["<a@b>", "<20260601.abc$def@example.org>", "<a@[192.0.2.1]>", "<a@b@c>"])
    func messageID(_ text: String) {
        #expect(MessageID(text)?.description == text)
    }

    @Test(
        "SUB-152: what is none is none",
        arguments: ["", "<>", "a@b", "<a>", "<@b>", "<a@>", "<a b@c>", "<a@b> <c@d>", "<a@<b>>", "<ä@b>", "<a@b\r\n>"])
    func noMessageID(_ text: String) {
        #expect(MessageID(text) == nil)
    }

    @Test("A Message-ID of ours is that of the queue at this host, and is valid itself")
    func ownMessageID() throws {
        let id = QueueID(time: Timestamp(seconds: 1_780_272_000), random: 42)
        let own = MessageID(for: id, at: try #require(Domain("mail.example.org")))
        #expect(own.description == "<\(id)@mail.example.org>")
        #expect(MessageID(own.description) == own)
    }
}
