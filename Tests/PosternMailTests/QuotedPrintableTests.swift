import PosternMail
import Testing

@testable import PosternMail

@Suite("Quoted-printable")
struct QuotedPrintableTests {
    private static func encode(_ text: String, by size: Int = .max) -> String {
        var encoder = QuotedPrintableEncoder()
        var encoded: [UInt8] = []
        let octets = Array(text.utf8)
        var start = 0
        while start < octets.count {
            let end = start + min(size, octets.count - start)
            encoder.encode(octets[start..<end], into: &encoded)
            start = end
        }
        encoder.finish(into: &encoded)
        return String(decoding: encoded, as: UTF8.self)
    }

    @Test(
        "RFC 2045 §6.7, §6.8, RFC 2049 §3: each line, in pieces of any size",
        arguments: [
            ("plain", "plain"), ("a=b", "a=3Db"), ("ü", "=C3=BC"), ("a \n", "a=20\r\n"), ("a\t\r\n", "a=09\r\n"),
            ("a ", "a=20"),
            ("a \r", "a =0D"), ("a\rb", "a=0Db"), ("\r\r\n", "=0D\r\n"), ("a \rb", "a =0Db"), ("\n\n", "\r\n\r\n"),
            (".", "=2E"), ("a.\n.b\n..", "a.\r\n=2Eb\r\n=2E."), ("From x", "From=20x"), ("From", "From"),
            ("Fromx y", "Fromx y"),
            ("aFrom x", "aFrom x"), ("a  b", "a  b"), ("  ", " =20"),
        ])
    func lines(text: String, encoded: String) {
        for size in 1...8 { #expect(Self.encode(text, by: size) == encoded) }
    }

    @Test("RFC 2045 §6.7 (5): no line has more than 76 characters, and a soft end begins a line anew")
    func softEnds() {
        let encoded = Self.encode(String(repeating: "x", count: 75) + ".From y" + String(repeating: "ü", count: 200))
        let lines = encoded.split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 })
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("=") })
        #expect(lines[1].hasPrefix("=2EFrom y"))
        #expect(
            Self.encode(String(repeating: "x", count: 75) + "From y") == String(repeating: "x", count: 75)
                + "=\r\nFrom=20y")
    }
}
