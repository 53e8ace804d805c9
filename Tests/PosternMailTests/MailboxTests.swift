import PosternMail
import Testing

@Suite("Mailboxes")
struct MailboxTests {
    @Test(
        "SUB-021, SUB-132: what is a mailbox is read, and written as a command takes it",
        arguments: [
            ("alice@example.org", "alice@example.org"),
            ("Alice.B-c_d@Example.ORG", "Alice.B-c_d@Example.ORG"),
            ("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org"),
            ("alice@example", "alice@example"),
            ("alice@a_b.example", "alice@a_b.example"),
            ("alice@xn--exmple-cua.org", "alice@xn--exmple-cua.org"),
            ("user%other.example@example.org", "user%other.example@example.org"),
            ("other.example!user@example.org", "other.example!user@example.org"),
            (#""a@b"@example.org"#, #""a@b"@example.org"#),
            (#""with space"@example.org"#, #""with space"@example.org"#),
            (#""quote\"d"@example.org"#, #""quote\"d"@example.org"#),
            (#""back\\slash"@example.org"#, #""back\\slash"@example.org"#),
            (#""un\needed"@example.org"#, "unneeded@example.org"),
            (#""alice"@example.org"#, "alice@example.org"),
            (#""a..b"@example.org"#, #""a..b"@example.org"#),
            ("alice@[192.0.2.1]", "alice@[192.0.2.1]"),
            ("alice@[ipv6:2001:DB8::1]", "alice@[IPv6:2001:db8::1]"),
        ])
    func accepted(_ text: String, _ written: String) throws {
        #expect(try #require(Mailbox(text)).description == written)
    }

    @Test(
        "SUB-021, SUB-132: what is none makes no value, so no value holds a line end, a NUL or a control character",
        arguments: [
            "", "@", "alice", "@example.org", "alice@", "alice@@example.org", "a@b@example.org", ".alice@example.org",
            "alice.@example.org", "a..b@example.org", "al ice@example.org", "alice @example.org", "alice@ example.org",
            "alice@example.org ", "alice@example..org", "alice@.example.org", "alice@example.org.", "alice@-a.org",
            "alice@a-.org", "alice@exa mple.org", "alice@exämple.org", "älice@example.org", "alice\r\n@example.org",
            "alice@example.org\r\nRCPT TO:<bob@example.org>", "alice\0@example.org", "alice@example.org\0",
            "al\tice@example.org", "\u{7F}@example.org", #""a\"@example.org"#, #""a"b"@example.org"#, #""@example.org"#,
            #"""@example.org"#, "\"a\r\nb\"@example.org", "\"\0\"@example.org", "\"ä\"@example.org",
            "alice@[192.0.2.256]",
            "alice@[192.0.2]", "alice@[example.org]", "alice@[192.0.2.1", "<alice@example.org>", "a,b@example.org",
            "a:b@example.org", "(a)b@example.org", #"a\b@example.org"#,
        ])
    func refused(_ text: String) {
        #expect(Mailbox(text) == nil)
    }

    @Test("SUB-009: a local-part of 64 octets and a domain of 255 pass, an octet more does not")
    func lengths() {
        let domain = Array(repeating: String(repeating: "x", count: 63), count: 4).joined(separator: ".")
        let local = String(repeating: "l", count: 64)
        #expect(domain.utf8.count == 255)
        #expect(Mailbox("\(local)@\(domain)") != nil)
        #expect(Mailbox("\(local)l@example.org") == nil)
        #expect(Mailbox("l@\(domain)x") == nil)
        #expect(Mailbox("l@\(String(repeating: "x", count: 64)).org") == nil)
    }

    @Test("SUB-003: the domain's case does not count, the local-part's does, and owners compare without either")
    func equality() throws {
        let alice = try #require(Mailbox("Alice@Example.org"))
        #expect(try alice == #require(Mailbox("Alice@eXAMPLE.ORG")))
        #expect(try alice.hashValue == #require(Mailbox("Alice@example.org")).hashValue)
        #expect(try alice != #require(Mailbox("alice@example.org")))
        #expect(alice.folded == "alice@example.org")
        #expect(try alice == #require(Mailbox(#""Alice"@example.org"#)))
    }

    @Test("Folding leaves everything but ASCII letters alone: the Kelvin sign is no K")
    func folding() {
        #expect("ABZ[`{É\u{212A}İ".asciiLowercased == "abz[`{É\u{212A}İ")
        #expect(UInt8(ascii: "@").asciiLowercased == UInt8(ascii: "@"))
        #expect(UInt8(ascii: "[").asciiLowercased == UInt8(ascii: "["))
        #expect((UInt8.min ... .max).filter(\.isASCIILetter).count == 52)
        #expect((UInt8.min ... .max).filter(\.isASCIIDigit).count == 10)
        #expect((UInt8.min ... .max).filter(\.isAtomText).count == 81)
    }

    @Test("A reverse-path is written as a command takes it")
    func reversePath() throws {
        #expect(ReversePath.null.description == "<>")
        #expect(try ReversePath.mailbox(#require(Mailbox("alice@example.org"))).description == "<alice@example.org>")
    }

    @Test("SUB-130: a domain of one label is not fully qualified")
    func qualification() throws {
        #expect(try #require(Domain("example.org")).isFullyQualified)
        #expect(try !#require(Domain("localhost")).isFullyQualified)
        #expect(try #require(Mailbox("a@[192.0.2.1]")).domain == nil)
    }
}

@Suite("Mailboxes beyond ASCII")
struct InternationalizedMailboxTests {
    @Test(
        "RFC 6531 §3.3: letters beyond ASCII on both sides",
        arguments: ["jürgen@example.org", "bob@exämple.org", "用户@例子.example"])
    func good(text: String) throws {
        let mailbox = try #require(Mailbox(internationalized: text))
        #expect(mailbox.description == text)
        #expect(!mailbox.isASCII)
        #expect(Mailbox(text) == nil)
    }

    @Test("An address of ASCII is the same in both ways")
    func ascii() {
        for text in ["bob@example.org", #""b b"@example.org"#, "bob@[192.0.2.1]", "bob", "a\r@b", ""] {
            #expect(Mailbox(internationalized: text) == Mailbox(text))
            #expect(Mailbox(text)?.isASCII != false)
        }
    }

    @Test(
        "Controls, blanks, signs of direction, empty parts and too long ones are none",
        arguments: [
            "ü\r\n@example.org", "ü b@example.org", "ü@exä mple.org", "ü\u{202E}@example.org", "ü\u{85}@example.org",
            "ü..b@example.org",
            "ü@", "@ü", "ü@ü..org", "ü@-ü.org", "ü@ü\r\n", String(repeating: "ü", count: 33) + "@example.org",
            "ü@exa<mple",
            "ü\0@example.org", "ü@ü\u{2028}",
        ])
    func bad(text: String) {
        #expect(Mailbox(internationalized: text) == nil)
    }
}
