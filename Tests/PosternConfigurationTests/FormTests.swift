import Testing

@testable import PosternConfiguration

@Suite("Forms of values")
struct FormTests {
    private func parsed<Value>(_ text: String, as form: Form<Value>) -> Value? {
        try? form.parse(text, Folder(of: "x"))
    }

    @Test(
        "sizes",
        arguments: [
            ("0", 0), ("1024", 1024), ("64 KiB", 65_536), ("50 MiB", 52_428_800), ("50MiB", 52_428_800),
            ("1 GiB", 1 << 30),
            ("", nil), ("MiB", nil), ("50 MB", nil), ("50 mib", nil), ("-1", nil), ("1.5 MiB", nil), ("1 KiB x", nil),
            ("0x10", nil),
            ("٣", nil), ("9223372036854775807 KiB", nil), ("3 GiB", nil),
        ] as [(String, Int?)])
    func sizes(text: String, expected: Int?) {
        #expect(parsed(text, as: .size(0...(2 << 30))) == expected)
    }

    @Test(
        "times",
        arguments: [
            ("15s", 15), ("5m", 300), ("1h30m", 5_400), ("1h1m1s", 3_661), ("90m", 5_400), ("0s", 0), ("", nil),
            ("5", nil),
            ("m", nil), ("5m5", nil), ("5s5m", nil), ("5m5m", nil), ("-5m", nil), ("5 m", nil), ("1d", 86_400),
            ("1w", nil), ("1h1d", nil),
            ("99999999h", nil),
            ("25h", nil), ("1d1s", nil),
        ] as [(String, Int?)])
    func durations(text: String, expected: Int?) {
        #expect(parsed(text, as: .duration(.zero ... .seconds(86_400))) == expected.map { .seconds($0) })
    }

    @Test(
        "paths",
        arguments: [
            ("/a", "/a"), ("a b", "./a b"), ("../ü", "./../ü"), ("", nil), ("~/a", nil), ("/a\u{0}b", nil),
            ("/a\nb", nil), ("/a\u{1B}[2J", nil),
        ] as [(String, String?)])
    func paths(text: String, expected: String?) {
        #expect(parsed(text, as: .path("a path")) == expected)
        let maildir = parsed("maildir:\(text)", as: .nextHop)
        #expect(maildir == expected.map { .maildir($0) })
    }

    @Test("what a form writes it reads")
    func roundTrips() {
        for octets in [1, 1_000, 1_024, 65_536, 1 << 20, 50 << 20, (50 << 20) + 1, 3 << 30] {
            let form = Form.size(0...(4 << 30))
            #expect(parsed(form.write(octets), as: form) == octets)
        }
        for seconds in [0, 1, 59, 60, 61, 3_600, 5_400, 86_400] {
            let form = Form.duration(.zero ... .seconds(86_400))
            #expect(parsed(form.write(.seconds(seconds)), as: form) == .seconds(seconds))
        }
    }

    @Test(
        "addresses",
        arguments: [
            ("127.0.0.1", true), ("0.0.0.0", true), ("::", true), ("::1", true), ("fe80::1", true),
            ("2001:db8::25", true),
            ("localhost", false), ("[::1]", false), ("127.1", false), ("1.2.3.4.5", false), ("", false), ("*", false),
        ])
    func addresses(text: String, isAddress: Bool) {
        #expect((parsed(text, as: .address) != nil) == isAddress)
    }

    @Test(
        "the edit distance counts put in, taken out, replaced and exchanged letters",
        arguments: [
            ("", "", 0), ("abc", "", 3), ("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1),
            ("abc", "ab", 1),
            ("certificat", "certificate", 1), ("lisetners", "listeners", 1), ("kitten", "sitting", 3),
        ])
    func distances(left: String, right: String, expected: Int) {
        #expect(editDistance(left, right) == expected)
        #expect(editDistance(right, left) == expected)
    }

    @Test("the nearest key is near, or there is none")
    func nearest() {
        let keys = Configuration.settings.map(\.name)
        #expect(nearestKey(to: "Hostname", among: keys) == "hostname")
        #expect(nearestKey(to: "next_hop", among: keys) == "next-hop")
        #expect(nearestKey(to: "client-certs", among: keys) == nil)
        #expect(nearestKey(to: "x", among: keys) == nil)
        #expect(nearestKey(to: "relay", among: keys) == nil)
    }

    @Test("text from a file is shown on one line, short, without control characters")
    func quoting() {
        #expect(quoted("a\u{1B}[31mb\nc") == "'a\u{FFFD}[31mb\u{FFFD}c'")
        #expect(quoted(String(repeating: "x", count: 100)).count == 63)
    }
}
