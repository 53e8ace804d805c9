import NIOCore
import PosternSMTP
import Testing

@Suite("Data encoder")
struct DataEncoderTests {
    private func encoded(_ text: String, in size: Int) -> String {
        var encoder = DataEncoder()
        var written = ""
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            written += String(buffer: encoder.encode(ByteBuffer(bytes: rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        return written + String(buffer: encoder.finish())
    }

    @Test(
        "RFC 5321 §4.5.2: dots are doubled at the beginning of lines, and the end is CRLF, dot, CRLF, in pieces of any size",
        arguments: [
            ("", ".\r\n"), ("a\r\n", "a\r\n.\r\n"), ("a", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"), (".", "..\r\n.\r\n"),
            ("..a\r\n.b.\r\n", "...a\r\n..b.\r\n.\r\n"), ("\r\n", "\r\n.\r\n"), ("\r\n\r\n", "\r\n\r\n.\r\n"),
            ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ])
    func dots(text: String, expected: String) {
        for size in 1...7 { #expect(encoded(text, in: size) == expected) }
    }

    @Test(
        "C2: whatever the content holds, no lone CR or LF and no end of data comes out before the end",
        arguments: [
            "\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\n", "\r\n.\r",
            "a\rb\nc\r\r\n\n", "a\r", "\n",
        ])
    func smuggling(text: String) {
        for size in 1...7 {
            let out = encoded("x" + text + "MAIL FROM:<a@b>", in: size)
            let bare = out.replacing("\r\n", with: "").utf8
            #expect(!bare.contains(13) && !bare.contains(10))
            #expect(out.ranges(of: "\r\n.\r\n").count == 1)
            #expect(out.hasSuffix("\r\n.\r\n"))
        }
    }

    @Test(
        "RFC 3030 §2, C2: chunks have no dots added and no end, and no lone CR or LF either",
        arguments: [
            ("", ""), (".", ".\r\n"), ("a\r\n.\r\nb", "a\r\n.\r\nb\r\n"), ("a\n.\n", "a\r\n.\r\n"),
            ("a\rb\r\n", "a\r\nb\r\n"),
            ("a\r", "a\r\n"),
        ])
    func chunks(text: String, expected: String) {
        for size in 1...7 {
            var encoder = DataEncoder(.chunks)
            var written = ""
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                written += String(buffer: encoder.encode(ByteBuffer(bytes: rest.prefix(size))))
                rest = rest.dropFirst(size)
            }
            #expect(written + String(buffer: encoder.finish()) == expected)
        }
    }
}
