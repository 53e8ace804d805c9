import PosternMail
import PosternTestSupport
import Testing
import X509

@testable import PosternCertificates

@Suite("Files of authorities")
struct AuthorityFileTests {
    private func error(_ pem: [UInt8]) -> AuthorityFileError? {
        do {
            _ = try AuthorityFile(pem: pem)
            return nil
        } catch {
            return error
        }
    }

    @Test("Roots are anchors, what they issued is not; facts come anchors first")
    func anchors() throws {
        let root = try TestAuthority("root")
        let below = try root.subordinate("below")
        let file = try AuthorityFile(pem: below.certificate.pem + root.certificate.pem)
        #expect(file.anchorCount == 1)
        #expect(file.certificates.map(\.subject) == ["CN=root", "CN=below"])
        let authority = Authority(file: file)
        #expect(authority.anchorsDER == [root.certificate.der])
        #expect(authority.id == "CN=root (\(file.certificates[0].certificateFingerprint.digest.hexadecimal.prefix(8)))")
        #expect(authority.certificates.map(\.notAfter) == [.testEnd, .testEnd])
    }

    @Test("Two roots in one file are two anchors; the same one twice is one")
    func several() throws {
        let (one, two) = (try TestAuthority("one"), try TestAuthority("two"))
        let file = try AuthorityFile(pem: one.certificate.pem + two.certificate.pem + one.certificate.pem)
        #expect(file.anchorCount == 2)
        let trust = Trust(authorities: [Authority(id: "both", file: file)])
        #expect(try one.issue().chain().state(in: trust).verified?.authority == "both")
        #expect(try two.issue().chain().state(in: trust).verified?.authority == "both")
    }

    @Test("Each mistake has its own error, and each error says what to do")
    func mistakes() throws {
        let authority = try TestAuthority("CA")
        let pem = authority.certificate.pem
        let leaf = try authority.issue(commonName: "alice")
        let key = Array(try leaf.issued.keyPEM.utf8)
        let list = PEMBlock.write(label: PEMBlock.revocationListLabel, der: try authority.revocationList(revoking: []))
        #expect(error([]) == .notPEM(.empty))
        #expect(error(Array("hello\n".utf8)) == .notPEM(.noBlock(looksLikeDER: false)))
        #expect(error(authority.certificate.der) == .notPEM(.noBlock(looksLikeDER: true)))
        #expect(error(pem.dropLast(10) + []) == .notPEM(.unterminated(label: "CERTIFICATE", line: 1)))
        #expect(error(pem + key) == .privateKey(label: "PRIVATE KEY"))
        #expect(error(pem + Array(list.utf8)) == .unexpectedBlock(label: "X509 CRL"))
        #expect(error(pem + leaf.pem) == .notAuthority(subject: "CN=alice"))
        #expect(
            error(Array("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".utf8))
                == .malformed(number: 1, reason: "tbsCertificate is missing"))
        for pem in [[], pem + key, pem + leaf.pem, authority.certificate.der] {
            #expect(
                error(pem)?.description.contains("expected") ?? false
                    || error(pem)?.description.contains("name") ?? false)
        }
    }

    @Test("An authority under which no client could be accepted is an error at once, not at each handshake")
    func unfit() throws {
        func rule(_ adjust: (inout CertificateTemplate) throws -> Void) throws -> Rule? {
            guard case .unfit(let finding) = error(try TestAuthority("CA", adjust: adjust).certificate.pem) else {
                return nil
            }
            return finding.rule
        }
        #expect(try rule { try $0.setKeyUsage(KeyUsage(digitalSignature: true)) } == .keyUsage)
        #expect(try rule { try $0.setUsages([.serverAuth]) } == .extendedKeyUsage)
        #expect(try rule { $0.set(.unknown(critical: true)) } == .criticalExtensions)
        #expect(
            try rule { $0.set(.init(oid: [2, 5, 29, 30], critical: true, value: [0x30, 0x00])) } == .nameConstraints)
        #expect(
            try rule { $0.publicKey = RSAKeys.weak }
                == .keyStrength)
        let garbage = try TestAuthority("CA") {
            $0.publicKey = RSAKeys.subjectPublicKeyInfo(modulus: .init(repeating: 0xA4, count: 256))
        }
        #expect(error(garbage.certificate.pem) == .unusableKey(subject: "CN=CA"))
    }

    @Test("A system's bundle is no client authority")
    func systemBundle() throws {
        let key = try SigningKey.generate()
        let pem = try (0...AuthorityFile.maximumAnchors).flatMap {
            try TestAuthority("\($0)", key: key).certificate.pem
        }
        #expect(error(pem) == .systemBundle(count: 41))
        #expect(error(Array(pem.dropFirst(try TestAuthority("0", key: key).certificate.pem.count))) == nil)
    }

    @Test("A file in which each is issued by another has no root")
    func circle() throws {
        let (keyA, keyB) = (try SigningKey.generate(), try SigningKey.generate())
        let aByB = try TestAuthority("B", key: keyB).subordinate("A", key: keyA)
        let bByA = try TestAuthority("A", key: keyA).subordinate("B", key: keyB)
        #expect(error(aByB.certificate.pem + bByA.certificate.pem) == .noAnchor)
    }

    @Test("Trust is named by its authorities and their certificates, in their order, and by nothing else")
    func anchorsID() throws {
        let (one, two) = (try TestAuthority("one"), try TestAuthority("two"))
        let list = try one.file().revocationLists(in: one.revocationList(revoking: []))
        let base = Trust(authorities: [try one.authority(), try two.authority()])
        #expect(
            base.anchorsID
                == Trust(
                    authorities: [try one.authority(lists: list, revocation: .soft), try two.authority()],
                    pinnedKeys: [try one.certificate.keyFingerprint]
                ).anchorsID)
        #expect(base.anchorsID != Trust(authorities: [try two.authority(), try one.authority()]).anchorsID)
        #expect(base.anchorsID != Trust(authorities: [try one.authority(), try two.authority(id: "2")]).anchorsID)
        #expect(base.anchorsID != Trust(authorities: [try one.authority()]).anchorsID)
        #expect(
            base.anchorsID
                != Trust(authorities: [
                    Authority(id: try one.authority().id, file: try one.file(one.subordinate())), try two.authority(),
                ]).anchorsID)
        #expect(Trust.nobody.isEmpty)
        #expect(!base.isEmpty)
    }
}
