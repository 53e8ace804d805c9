import PosternMail
import PosternTestSupport
import Testing
import X509

@testable import PosternCertificates

@Suite("Issuing")
struct IssuingTests {
    private let authority: IssuingAuthority
    private let mailbox: Mailbox

    init() throws {
        authority = try IssuingAuthority(named: "Our devices", notBefore: .testStart)
        mailbox = try #require(Mailbox("alice@example.org"))
    }

    private func trust(lists: [RevocationList] = []) throws -> Trust {
        let file = try AuthorityFile(pem: Array(authority.certificate.certificatePEM.utf8))
        return Trust(authorities: [Authority(id: "ours", file: file, lists: lists)])
    }

    @Test("A client's certificate is verified against its authority and carries the mailbox")
    func client() throws {
        let issued = try authority.issueClient(for: mailbox, notBefore: .testStart)
        let chain = try PresentedChain(pem: Array(issued.certificatePEM.utf8))
        let verified = try #require(chain.state(in: try trust()).verified)
        #expect(verified.authority == "ours")
        #expect(verified.facts.mailboxes == [mailbox])
        #expect(verified.facts.notAfter == .testStart.adding(days: 825))
        #expect(verified.facts.keyFingerprint == (try issued.key.fingerprint))
    }

    @Test("A certificate never outlives its authority")
    func lifetime() throws {
        let late = Timestamp.testStart.adding(days: 3_600)
        let issued = try authority.issueClient(for: mailbox, notBefore: late)
        let facts = CertificateFacts(try ParsedCertificate(der: issued.der))
        #expect(facts.notAfter == .testStart.adding(days: 3_652))
    }

    @Test("A server's certificate carries domains and addresses, and is refused as a client's")
    func server() throws {
        let issued = try authority.issueServer(for: ["mail.example.org", "127.0.0.1", "::1"], notBefore: .testStart)
        let names = try #require(try Certificate(derEncoded: issued.der).extensions.subjectAlternativeNames)
        #expect(
            Array(names) == [
                .dnsName("mail.example.org"), .ipAddress(.init(contentBytes: [127, 0, 0, 1])),
                .ipAddress(.init(contentBytes: [UInt8](repeating: 0, count: 15)[...] + [1])),
            ])
        let findings = PresentedChain(der: [issued.der]).findings(in: try trust())
        #expect(findings.map(\.rule) == [.extendedKeyUsage])
        #expect(throws: IssuingError.invalidServerName("mail example")) {
            try authority.issueServer(for: ["mail example"], notBefore: .testStart)
        }
        #expect(throws: IssuingError.noServerName) { try authority.issueServer(for: [], notBefore: .testStart) }
    }

    @Test("The library reads what we write, and finds its signature good")
    func library() throws {
        let issued = try authority.issueClient(for: mailbox, notBefore: .testStart)
        let (root, leaf) = (
            try Certificate(derEncoded: authority.certificate.der), try Certificate(derEncoded: issued.der)
        )
        #expect(root.publicKey.isValidSignature(leaf.signature, for: leaf))
        #expect(root.publicKey.isValidSignature(root.signature, for: root))
        #expect(try root.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(
            try leaf.extensions.authorityKeyIdentifier?.keyIdentifier
                == root.extensions.subjectKeyIdentifier?.keyIdentifier)
    }

    @Test(
        "An authority is taken up again from its two files",
        arguments: SigningKey.Kind.allCases.filter { $0 != .rsa4096 })
    func reload(_ kind: SigningKey.Kind) throws {
        let first = try IssuingAuthority(named: "Ours", notBefore: .testStart, key: .generate(kind))
        let again = try IssuingAuthority(
            certificatePEM: Array(first.certificate.certificatePEM.utf8),
            keyPEM: Array(try first.certificate.keyPEM.utf8))
        let issued = try again.issueClient(for: mailbox, notBefore: .testStart)
        let file = try AuthorityFile(pem: Array(first.certificate.certificatePEM.utf8))
        #expect(
            PresentedChain(der: [issued.der]).state(in: Trust(authorities: [Authority(file: file)])).verified != nil)
    }

    @Test("Files that do not go together are refused with what is wrong")
    func wrongFiles() throws {
        let other = try IssuingAuthority(named: "Other", notBefore: .testStart)
        let leaf = try authority.issueClient(for: mailbox, notBefore: .testStart)
        func error(_ certificate: String, _ key: String) -> IssuingError? {
            do {
                _ = try IssuingAuthority(certificatePEM: Array(certificate.utf8), keyPEM: Array(key.utf8))
                return nil
            } catch {
                return error
            }
        }
        let (certificate, key) = (authority.certificate.certificatePEM, try authority.certificate.keyPEM)
        #expect(error(certificate, try other.certificate.keyPEM) == .keyMismatch(certificate: "CN=Our devices"))
        #expect(error(leaf.certificatePEM, try leaf.keyPEM) == .notAuthority(subject: "CN=alice@example.org"))
        #expect(error(key, key) == .noBlock(wanted: "CERTIFICATE", found: ["PRIVATE KEY"]))
        #expect(error(certificate, certificate) == .noBlock(wanted: "PRIVATE KEY", found: ["CERTIFICATE"]))
        #expect(error(certificate, key.replacing(" PRIVATE", with: " ENCRYPTED PRIVATE")) == .encryptedKey)
        #expect(error(certificate, "") == .notPEM(.empty))
    }

    @Test("A revocation list revokes what it names by the number that facts give")
    func revocationList() throws {
        let (alice, bob) = (
            try authority.issueClient(for: mailbox, notBefore: .testStart),
            try authority.issueClient(for: mailbox, notBefore: .testStart)
        )
        let serial = CertificateFacts(try ParsedCertificate(der: alice.der)).serial
        let pem = try authority.revocationList(revoking: [serial], thisUpdate: .testStart, nextUpdate: .testEnd)
        let trust = try trust(lists: try trust().authorities[0].file.revocationLists(in: Array(pem.utf8)))
        #expect(PresentedChain(der: [alice.der]).findings(in: trust).map(\.refusal) == [.revoked])
        #expect(PresentedChain(der: [bob.der]).state(in: trust).verified?.revocation == .good)
        #expect(throws: IssuingError.invalidSerial("xyz")) {
            try authority.revocationList(revoking: ["xyz"], thisUpdate: .testStart, nextUpdate: .testEnd)
        }
    }

    @Test("Numbers with the sign bit set, of odd length and with leading zeros are read back as they are written")
    func serials() throws {
        for (text, octets) in [("ff", [0, 255]), ("f", [15]), ("00ff", [0, 255]), ("7f:FF", [127, 255]), ("0", [0])]
            as [(String, [UInt8])]
        {
            #expect(SerialNumber(hexadecimal: text)?.octets == octets, "\(text)")
        }
        for text in ["", ":", "+f", "0x1", "g", String(repeating: "f", count: 200)] {
            #expect(SerialNumber(hexadecimal: text) == nil, "\(text)")
        }
    }

    @Test("Two certificates have two numbers, positive and of a fixed length")
    func randomSerials() {
        let serials = (0..<100).map { _ in CertificateTemplate.randomSerial() }
        #expect(Set(serials).count == 100)
        #expect(serials.allSatisfy { $0.count == 16 && (0x40...0x7F).contains($0[0]) })
    }
}
