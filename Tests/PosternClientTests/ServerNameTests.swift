import Testing

@testable import PosternConnection

@Suite("The server's name")
struct ServerNameTests {
    @Test(
        "RFC 6125 §6.4.3: a star is one whole label, and stands first",
        arguments: [
            ("mx.example.org", "mx.example.org", true), ("MX.Example.org", "mx.example.ORG", true),
            ("*.example.org", "mx.example.org", true), ("*.example.org", "a.mx.example.org", false),
            ("*.example.org", "example.org", false), ("*.org", "example.org", false),
            ("m*.example.org", "mx.example.org", false),
            ("mx.example.org", "mx.example.org.", true), ("*", "localhost", false),
            ("evil.example", "mx.example.org", false),
        ])
    func names(pattern: String, host: String, matches: Bool) {
        #expect(VerifiedServerName.Name.domain(pattern).matches(host) == matches)
    }

    @Test("an address is the same in all its spellings, and no pattern")
    func addresses() {
        #expect(VerifiedServerName.Name.address([127, 0, 0, 1]).matches("127.0.0.1"))
        #expect(!VerifiedServerName.Name.address([127, 0, 0, 1]).matches("127.0.0.2"))
        #expect(!VerifiedServerName.Name.domain("127.0.0.*").matches("127.0.0.1"))
        let loopback = [UInt8](repeating: 0, count: 15) + [1]
        #expect(VerifiedServerName.Name.address(loopback).matches("0:0:0:0:0:0:0:1"))
    }
}
