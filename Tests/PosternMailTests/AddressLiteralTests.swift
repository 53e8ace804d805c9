import PosternMail
import Testing

@Suite("Address literals")
struct AddressLiteralTests {
    @Test(
        "RFC 5321 §4.1.3: addresses in brackets",
        arguments: [
            "[192.0.2.1]", "[0.0.0.0]", "[255.255.255.255]", "[IPv6:::]", "[IPv6:::1]", "[IPv6:1::]",
            "[IPv6:2001:db8::1]", "[IPv6:1:2:3:4:5:6:7:8]", "[IPv6:1:2:3:4:5:6::]", "[IPv6:::3:4:5:6:7:8]",
            "[IPv6:1::3:4:5:6:7:8]", "[IPv6:::192.0.2.1]", "[IPv6:1::192.0.2.1]", "[IPv6:1:2:3:4:5:6:192.0.2.1]",
            "[IPv6:::ffff:192.0.2.1]",
        ])
    func accepted(_ text: String) {
        #expect(AddressLiteral(text.utf8)?.description == text)
    }

    @Test(
        "What is no address makes no value",
        arguments: [
            "", "[]", "[", "192.0.2.1", "[192.0.2.1", "192.0.2.1]", "[192.0.2]", "[192.0.2.1.1]", "[192.0.2.]",
            "[192.0.2.256]", "[192.0.2.0001]", "[192.0.2.-1]", "[192.0.2.1 ]", "[::1]", "[IPv6:]", "[IPv6:1]",
            "[IPv6:1:2]", "[IPv6:1:2:3:4:5:6:7]", "[IPv6:1:2:3:4:5:6:7:8:9]", "[IPv6::1]", "[IPv6:1:]", "[IPv6::1:2]",
            "[IPv6:1:2:]", "[IPv6::1:2:3:4:5:6:7]", "[IPv6:1:2:3:4:5:6:7:]", "[IPv6:1::2::3]", "[IPv6:::::]",
            "[IPv6:12345::1]", "[IPv6:g::1]", "[IPv6:::192.0.2]", "[IPv6:1:2:3:4:5:6:7:192.0.2.1]",
            "[IPv6:192.0.2.1::]", "[IPv6:::1%eth0]", "[tag:content]", "[IPv6:2001:db8::1\r\n]",
        ])
    func refused(_ text: String) {
        #expect(AddressLiteral(text.utf8) == nil)
    }

    @Test("Two spellings of the tag and of the digits are one literal")
    func spelling() {
        #expect(AddressLiteral("[ipv6:2001:DB8::A]".utf8)?.description == "[IPv6:2001:db8::a]")
    }
}
