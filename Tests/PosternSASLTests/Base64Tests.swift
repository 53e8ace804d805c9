import Testing

@testable import PosternSASL

@Suite("BASE64 of SASL")
struct Base64Tests {
    @Test(
        "RFC 4648 §10: the vectors, both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test("every octet survives in every position of a group")
    func roundTrip() {
        for length in 0...6 {
            for octet in UInt8.min ... .max {
                let octets = [UInt8](repeating: octet, count: length)
                #expect(Base64.decode(Base64.encode(octets)) == octets)
            }
        }
        #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
    }

    @Test(
        "SUB-066: what is not BASE64 is refused",
        arguments: [
            "=", "==", "===", "====", "=AAA", "AAA=BBB", "AAA=BBBB", "A===", "A", "AA", "AAA", "AA=A", "Zg==Zg==",
            "Zm9v\n", " Zm9v", "Zm 9v", "Zm9-", "Zm9_", "Zm9v*AAA", "*", "Zh==", "Zm9=", "AAB=", "Zm9vYg=", "Zm9vé==",
            "\u{0}AAA",
        ])
    func refused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
