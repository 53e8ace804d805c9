import PosternMail
import PosternTestSupport
import Testing
import X509

@testable import PosternCertificates

@Suite("Pinned keys")
struct PinTests {
    @Test("SUB-118: a self-signed certificate of an authority is good if its key is pinned, and only then")
    func selfSigned() throws {
        let own = try TestAuthority("alice") {
            try $0.setKeyUsage(KeyUsage(digitalSignature: true, keyCertSign: true))
        }
        let trust = Trust(authorities: [], pinnedKeys: [try own.certificate.keyFingerprint])
        let verified = try #require(own.certificate.chain().state(in: trust).verified)
        #expect(verified.isPinned)
        #expect(verified.authority == nil)
        #expect(verified.revocation == .notChecked)
        #expect(
            own.certificate.chain().state(in: .nobody).unusable?.findings.map(\.rule) == [.issuer, .basicConstraints])
        #expect(try TestAuthority("alice").certificate.chain().state(in: trust).unusable != nil)
    }

    @Test("Of a pinned key the dates, key usage, extended key usage, key strength and critical extensions are asked")
    func whatIsStillAsked() throws {
        let authority = try TestAuthority("Stranger")
        func rules(_ adjust: (inout CertificateTemplate) throws -> Void) throws -> [Rule] {
            let leaf = try authority.issue(adjust: adjust)
            let facts = try #require(leaf.chain().state(in: .nobody).unusable?.facts)
            return leaf.chain().findings(in: Trust(authorities: [], pinnedKeys: [facts.keyFingerprint])).map(\.rule)
        }
        #expect(try rules { _ in } == [])
        #expect(try rules { $0.notAfter = .testStart.adding(days: 1) } == [.validity])
        #expect(try rules { try $0.setKeyUsage(KeyUsage(keyCertSign: true)) } == [.keyUsage])
        #expect(try rules { try $0.setUsages([.serverAuth]) } == [.extendedKeyUsage])
        #expect(try rules { $0.set(.unknown(critical: true)) } == [.criticalExtensions])
        #expect(
            try rules { $0.publicKey = RSAKeys.weak } == [
                .keyStrength
            ])
        #expect(try rules { try $0.setMailboxes((1...33).map { "a\($0)@example.org" }) } == [.alternativeNames])
    }

    @Test(
        "A pinned key with a chain to an authority has both, and survives the expiry of the authority by its pin alone")
    func both() throws {
        let authority = try TestAuthority { $0.notAfter = .testNow }
        let leaf = try authority.issue()
        let trust = try authority.trust(id: "ours", pinning: [leaf.keyFingerprint])
        let examination = Examination(of: leaf.chain(), against: trust)
        let now = try #require(examination.state(at: .testNow, trust: trust).verified)
        #expect(now.isPinned && now.authority == "ours")
        let later = try #require(examination.state(at: .testNow + .seconds(1), trust: trust).verified)
        #expect(later.isPinned && later.authority == nil)
    }

    @Test("The revocation list of an authority counts for a pinned key whose chain leads there")
    func revoked() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue()
        let lists = try authority.file().revocationLists(in: authority.revocationList(revoking: [leaf]))
        let trust = try authority.trust(lists: lists, pinning: [leaf.keyFingerprint])
        #expect(leaf.chain().findings(in: trust).map(\.refusal) == [.revoked])
    }

    @Test("A list says nothing of a certificate that only names its issuer, without a signature that is checked")
    func unprovenIssuer() throws {
        var authority = try TestAuthority()
        authority.signer.algorithm = try Signer.identifier([1, 2, 840, 10045, 4, 1], hasNull: false)
        authority.signer.outerAlgorithm = authority.signer.algorithm
        let leaf = try authority.issue()
        authority.signer = try Signer(authority.certificate.key)
        let lists = try authority.file().revocationLists(in: authority.revocationList(revoking: [leaf]))
        #expect(
            leaf.chain().findings(in: try authority.trust(lists: lists)).map(\.rule) == [
                .signature, .signatureAlgorithm,
            ])
        let trust = try authority.trust(lists: lists, pinning: [leaf.keyFingerprint])
        #expect(leaf.chain().state(in: trust).verified?.revocation == .notChecked)
    }

    @Test("A pin added or taken away later counts at the next look at the same examination")
    func changes() throws {
        let leaf = try TestAuthority("Stranger").issue()
        let without = Trust.nobody
        let with = Trust(authorities: [], pinnedKeys: [try leaf.keyFingerprint])
        let examination = Examination(of: leaf.chain(), against: without)
        #expect(without.anchorsID == with.anchorsID)
        #expect(examination.state(at: .testNow, trust: without).unusable != nil)
        #expect(examination.state(at: .testNow, trust: with).verified != nil)
        #expect(examination.state(at: .testNow, trust: without).unusable != nil)
    }
}
