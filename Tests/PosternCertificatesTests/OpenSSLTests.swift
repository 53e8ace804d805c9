import PosternMail
import PosternTestSupport
import Testing

@testable import PosternCertificates

/// Certificates by another hand than ours: see make-fixtures.sh.
@Suite("Certificates made by openssl")
struct OpenSSLTests {
    @Test("Accepted keys and signatures", arguments: ["p256", "p384", "p521", "ed25519", "rsa2048", "rsa4096"])
    func accepted(_ name: String) throws {
        let verified = try #require(try Fixture.chain(name).state(in: Fixture.trust("ca"), at: Fixture.moment).verified)
        #expect(verified.facts.mailboxes == [Mailbox("alice@example.org")])
        #expect(verified.facts.commonName == name)
    }

    @Test("An RSA authority is accepted")
    func rsaAuthority() throws {
        #expect(try Fixture.chain("rsa-signed").state(in: Fixture.trust("rsa-ca"), at: Fixture.moment).verified != nil)
    }

    @Test(
        "Weak, oversized and unknown keys are refused by name, and for nothing else",
        arguments: [
            ("rsa1024", "RSA 1024 bits"), ("rsa8192", "RSA 8192 bits"), ("p224", "P-224"),
            ("secp256k1", "secp256k1"), ("ed448", "Ed448"),
        ])
    func weakKeys(_ name: String, _ found: String) throws {
        let findings = try Fixture.chain(name).findings(in: Fixture.trust("ca"), at: Fixture.moment)
        #expect(findings.map(\.rule) == [.keyStrength])
        #expect(findings.map(\.refusal) == [.weakKey])
        #expect(findings.map(\.found) == [found])
    }

    @Test(
        "SUB-117: SHA-1 and MD5 are refused as weak, RSA-PSS as not supported, by name",
        arguments: [
            ("sha1", "RSA with SHA-1", RefusalClass.weakSignature), ("md5", "RSA with MD5", .weakSignature),
            ("pss", "RSA-PSS", .unsupportedSignature),
        ])
    func signatures(_ name: String, _ found: String, _ refusal: RefusalClass) throws {
        let findings = try Fixture.chain(name).findings(in: Fixture.trust("rsa-ca"), at: Fixture.moment)
        let finding = try #require(findings.first { $0.rule == .signatureAlgorithm })
        #expect(finding.found == found)
        #expect(finding.refusal == refusal)
        // What is not checked is said to be not checked.
        #expect(findings.map(\.rule) == [.signature, .signatureAlgorithm])
    }

    @Test("A weak authority is refused at load")
    func weakAuthority() throws {
        #expect {
            try AuthorityFile(pem: Fixture.octets("weak-ca.pem"))
        } throws: { error in
            guard case .unfit(let finding) = error as? AuthorityFileError else { return false }
            return finding.rule == .keyStrength && finding.found == "RSA 1024 bits"
        }
    }

    @Test("SUB-118: what `openssl req -x509` makes is good by a pin alone")
    func selfSigned() throws {
        let chain = try Fixture.chain("self-signed")
        let unusable = try #require(chain.state(in: .nobody, at: Fixture.moment).unusable)
        #expect(unusable.findings.map(\.rule) == [.issuer, .basicConstraints])
        let key = try #require(unusable.facts?.keyFingerprint)
        #expect(
            chain.state(in: Trust(authorities: [], pinnedKeys: [key]), at: Fixture.moment).verified?.isPinned == true)
    }

    @Test("SUB-126: a list by openssl is read, checked and obeyed")
    func revocationList() throws {
        let trust = try Fixture.trust("ca", lists: "ca.crl")
        #expect(trust.authorities[0].lists.map(\.count) == [1])
        #expect(try Fixture.chain("p384").findings(in: trust, at: Fixture.moment).map(\.refusal) == [.revoked])
        #expect(try Fixture.chain("p256").state(in: trust, at: Fixture.moment).verified?.revocation == .good)
    }
}
