import PosternConnection
import Testing

@Suite("A server as people write it")
struct ServerAddressTests {
    @Test(
        "A name, an address, and either with a port",
        arguments: [
            ("mail.example.org", "mail.example.org", nil), ("mail.example.org:587", "mail.example.org", 587),
            ("192.0.2.1:25", "192.0.2.1", 25), ("2001:db8::1", "2001:db8::1", nil),
            ("[2001:db8::1]", "2001:db8::1", nil),
            ("[2001:db8::1]:465", "2001:db8::1", 465),
        ] as [(String, String, Int?)])
    func good(_ text: String, _ host: String, _ port: Int?) {
        let address = ServerAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(
        "None without a host, or with a port that is none",
        arguments: ["", ":25", "[]", "[]:25", "[::1", "[::1]25", "a:", "a:0", "a:65536", "a:x"])
    func bad(_ text: String) {
        #expect(ServerAddress(text) == nil)
    }
}
