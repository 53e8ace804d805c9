import PosternMail
import PosternTestSupport
import SwiftASN1
import Testing
import X509

@testable import PosternCertificates

@Suite("Facts")
struct FactsTests {
    private func facts(_ octets: [[UInt8]]) throws -> CertificateFacts {
        let authority = try TestAuthority()
        let leaf = try authority.issue { try $0.setMailboxes(octets: octets) }
        return try #require(leaf.chain().state(in: try authority.trust()).verified?.facts)
    }

    @Test(
        "A name that is not a mailbox as it stands gives no identity, and the explanation names it",
        arguments: [
            "alice@example.org\u{0}.evil.example", "alice\u{0}@example.org",
            "alice@example.org\r\nRCPT TO:<x@y.example>",
            "\"Admin\" <alice@example.org>", "alice@example.org ", " alice@example.org", "alice @example.org",
            "ålice@example.org", "alice@exämple.org", "alice", "alice@", "@example.org", "alice@*.example.org",
            "alice@example.org.", "a@b@example.org", "",
        ])
    func noIdentity(_ name: String) throws {
        let facts = try facts([Array(name.utf8)])
        #expect(facts.mailboxes.isEmpty)
        #expect(facts.alternativeNameCount == 1)
        #expect(facts.notes.count == 1)
        #expect(facts.notes[0].unicodeScalars.allSatisfy(VisibleText.isVisible))
    }

    @Test("A name in octets that are not UTF-8 gives no identity either")
    func notUTF8() throws {
        let facts = try facts([[0xFF, 0xFE] + Array("@example.org".utf8)])
        #expect(facts.mailboxes.isEmpty)
        #expect(facts.notes == [#"the rfc822Name "\ff\fe@example.org" is not a mailbox (RFC 5321 §4.1.2)"#])
    }

    @Test("SUB-120: domains are equal without regard to case, local-parts octet by octet")
    func comparison() throws {
        let mailboxes = try facts(
            ["Alice@Example.ORG", "alice@EXAMPLE.org", "alice@example.org"].map { Array($0.utf8) }
        ).mailboxes
        #expect(mailboxes.map(\.description) == ["Alice@Example.ORG", "alice@EXAMPLE.org"])
        #expect(mailboxes[1] == Mailbox("alice@example.org"))
        #expect(mailboxes[0] != Mailbox("alice@example.org"))
    }

    @Test("SUB-123: an asterisk is an octet like any other")
    func asterisk() throws {
        #expect(try facts([Array("*@example.org".utf8)]).mailboxes == [try #require(Mailbox("*@example.org"))])
    }

    @Test("Names of other forms give no mailbox, and count")
    func otherForms() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue {
            let names: [(tag: UInt, octets: [UInt8])] = [
                (2, Array("example.org".utf8)), (1, Array("a@example.org".utf8)), (7, [127, 0, 0, 1]),
            ]
            $0.set(try .alternativeNames(names))
        }
        let facts = try #require(leaf.chain().state(in: try authority.trust()).verified?.facts)
        #expect(facts.mailboxes == [Mailbox("a@example.org")])
        #expect(facts.alternativeNameCount == 3)
    }

    @Test("SUB-122: an SmtpUTF8Mailbox gives no mailbox, even where its letters are those of an rfc822Name")
    func internationalMailbox() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue { $0.set(try .alternativeNames(internationalMailbox: "alice@example.org")) }
        let facts = try #require(leaf.chain().state(in: try authority.trust()).verified?.facts)
        #expect(facts.mailboxes.isEmpty)
        #expect(facts.alternativeNameCount == 1)
    }

    @Test("SUB-124: the subject's emailAddress is no identity")
    func emailAddress() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue {
            $0.subject = try DistinguishedName([
                .init(type: .RDNAttributeType.commonName, utf8String: "alice@example.org"),
                .init(type: .RDNAttributeType.emailAddress, ia5String: "alice@example.org"),
            ])
        }
        let facts = try #require(leaf.chain().state(in: try authority.trust()).verified?.facts)
        #expect(facts.mailboxes.isEmpty)
        #expect(facts.commonName == "alice@example.org")
        #expect(facts.subject == "emailAddress=alice@example.org, CN=alice@example.org")
    }

    @Test("SUB-105: facts carry subject, issuer, serial, dates and both fingerprints")
    func everything() throws {
        let authority = try TestAuthority("Devices CA")
        let leaf = try authority.issue(commonName: "phone") { $0.serial = [0x00, 0xAB, 0xCD] }
        let facts = try #require(leaf.chain().state(in: try authority.trust()).verified?.facts)
        #expect(facts.subject == "CN=phone")
        #expect(facts.issuer == "CN=Devices CA")
        #expect(facts.serial == "abcd")
        #expect(facts.notBefore == .testStart)
        #expect(facts.notAfter == .testEnd)
        #expect(facts.key == "P-256")
        #expect(facts.keyFingerprint == (try leaf.keyFingerprint))
        #expect(facts.certificateFingerprint == CertificateFingerprint(of: leaf.der))
    }

    @Test("Names cannot carry a line break, an escape sequence or a reordering character into a log")
    func hostileNames() throws {
        let name = "a\r\nb\u{1B}[2J\u{202E}c\u{2028}d, O=fake\\"
        let authority = try TestAuthority()
        let facts = try #require(
            try authority.issue(commonName: name).chain().state(in: authority.trust()).verified?.facts)
        #expect(facts.subject == #"CN=a\0d\0ab\1b[2J\e2\80\aec\e2\80\a8d\, O\=fake\\"#.replacing(#"\="#, with: "="))
        #expect(facts.commonName == nil)
        #expect(facts.subject.unicodeScalars.allSatisfy(VisibleText.isVisible))
    }

    @Test("Letters of any script show as themselves; a long name is cut")
    func scripts() throws {
        let authority = try TestAuthority()
        func subject(_ name: String) throws -> String? {
            try authority.issue(commonName: name).chain().state(in: authority.trust()).verified?.facts.subject
        }
        #expect(try subject("Jürgen Müller 山田") == "CN=Jürgen Müller 山田")
        for filler in ["x", "e\u{301}\u{301}\u{301}", "山", "\u{0}"] {
            let long = try #require(try subject(String(repeating: filler, count: 1_000)))
            #expect(long.utf8.count <= VisibleText.maximumLength)
            #expect(long.hasSuffix("…"))
        }
    }

    @Test("A name of a thousand parts is cut as well")
    func manyParts() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue {
            $0.subject = try DistinguishedName(
                (0..<1_000).map { _ in .init(type: .RDNAttributeType.commonName, utf8String: "x") })
        }
        let subject = try leaf.chain().state(in: authority.trust()).verified?.facts.subject
        #expect(subject?.utf8.count == VisibleText.maximumLength)
    }

    @Test("An empty subject is a name too")
    func emptySubject() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue { $0.subject = DistinguishedName() }
        #expect(try leaf.chain().state(in: authority.trust()).verified?.facts.subject == "(empty name)")
    }
}
