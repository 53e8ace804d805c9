import PosternMail
import Testing

@testable import PosternDelivery

@Suite("Maildir names")
struct MaildirNameTests {
    private func name(_ localPart: String, _ domain: String = "example.net") -> String {
        MaildirName.folder(localPart: localPart.utf8, domain: domain.utf8)
    }

    @Test("the local-part keeps its case, the domain is in lower case")
    func letterCase() throws {
        let mailbox = try #require(Mailbox("Alice.O+x@Example.NET"))
        #expect(MaildirName.folder(for: mailbox) == "Alice.O+x@example.net")
    }

    @Test(
        "an octet that could mean something to a file system is %XX",
        arguments: [
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd@example.net"),
            ("..", "%2E.@example.net"), (".", "%2E@example.net"), (".hidden", "%2Ehidden@example.net"),
            ("a/b", "a%2Fb@example.net"), ("a\u{0}b", "a%00b@example.net"), ("a%2Fb", "a%252Fb@example.net"),
            (#""a b""#, "%22a%20b%22@example.net"), ("a\nb:c", "a%0Ab%3Ac@example.net"),
            ("é", "%C3%A9@example.net"), ("-rf", "-rf@example.net"), ("", "@example.net"),
        ])
    func encoding(localPart: String, expected: String) {
        #expect(name(localPart) == expected)
    }

    @Test("an address literal has a name too")
    func literal() throws {
        let mailbox = try #require(Mailbox("a@[IPv6:2001:db8::1]"))
        #expect(MaildirName.folder(for: mailbox) == "a@%5Bipv6%3A2001%3Adb8%3A%3A1%5D")
    }

    @Test("a name of 255 octets stays, a longer one becomes its beginning and a hash, and stays itself")
    func length() {
        let domain = "example.net"
        let fitting = String(repeating: "x", count: 255 - 1 - domain.utf8.count)
        #expect(name(fitting).utf8.count == 255)
        #expect(name(fitting) == "\(fitting)@\(domain)")
        let (first, second) = (name(fitting + "x"), name(fitting + "y"))
        for hashed in [first, second, name(String(repeating: "/", count: 100))] {
            #expect(hashed.utf8.count == 255)
            #expect(hashed.split(separator: "#").last?.count == 64)
        }
        #expect(first != second)
        #expect(first.hasPrefix("xxxx"))
        #expect(first == name(fitting + "x"))
        // The separator is an octet that no other name holds.
        #expect(!name("#").contains("#"))
    }

    @Test("no two of all one-octet and two-octet local-parts share a name, and none leaves the folder")
    func injective() {
        var names = Set<String>()
        var count = 0
        for first in UInt8.min...UInt8.max {
            names.insert(MaildirName.folder(localPart: [first], domain: "x".utf8))
            count += 1
            for second: UInt8 in [0, 0x25, 0x2E, 0x2F, 0x40, 0x41, 0x61, 0xFF] {
                names.insert(MaildirName.folder(localPart: [first, second], domain: "x".utf8))
                count += 1
            }
        }
        #expect(names.count == count)
        for name in names { #expect(!name.contains("/") && !name.contains("\u{0}") && !name.hasPrefix(".")) }
    }

    @Test("a message has the same file name at each attempt, and no other message has it")
    func file() {
        let name = MaildirName.file(id: .sample(7), received: .after(7))
        #expect(name == "1800000007.\(QueueID.sample(7)).postern")
    }
}
