import PosternMail
import PosternTestSupport
import Testing
import X509

@testable import PosternCertificates

@Suite("Paths")
struct PathTests {
    @Test("An intermediate of the authority's file need not be sent, and one that is sent may come in any order")
    func intermediates() throws {
        let root = try TestAuthority("root")
        let first = try root.subordinate("first")
        let second = try first.subordinate("second")
        let leaf = try second.issue()
        let known = Trust(authorities: [Authority(file: try root.file(second, first))])
        #expect(leaf.chain().state(in: known).verified != nil)
        #expect(leaf.chain(first.certificate, second.certificate).state(in: try root.trust()).verified != nil)
        #expect(
            leaf.chain(second.certificate, first.certificate, root.certificate).state(in: try root.trust()).verified
                != nil)
        #expect(leaf.chain(first.certificate).state(in: try root.trust()).unusable != nil)
    }

    @Test("Certificates that do not belong to the path do no harm, readable or not (RFC 8446 §4.4.2)")
    func extraCertificates() throws {
        let root = try TestAuthority()
        let leaf = try root.issue()
        let stranger = try TestAuthority("stranger").certificate
        #expect(leaf.chain(stranger).state(in: try root.trust()).verified != nil)
        #expect(PresentedChain(der: [leaf.der, [1, 2, 3]]).state(in: try root.trust()).verified != nil)
        let rules = PresentedChain(der: [leaf.der, [1, 2, 3]]).findings(in: try TestAuthority("other").trust()).map(
            \.rule)
        #expect(rules == [.issuer, .wellFormed])
    }

    @Test("Of two ways the one that works counts: a cross-signed intermediate whose other issuer has expired")
    func crossSigned() throws {
        let old = try TestAuthority("old") { $0.notAfter = .testStart.adding(days: 1) }
        let new = try TestAuthority("new")
        let key = try SigningKey.generate()
        let viaOld = try old.subordinate("middle", key: key)
        let viaNew = try new.subordinate("middle", key: key)
        let chain = try viaOld.issue().chain(viaOld.certificate, viaNew.certificate)
        let trust = Trust(authorities: [try old.authority(id: "old"), try new.authority(id: "new")])
        #expect(chain.state(in: trust).verified?.authority == "new")
        #expect(chain.state(in: try old.trust()).unusable?.findings.map(\.rule) == [.validity])
    }

    @Test("Each authority vouches under its own name; the same name and another key do not")
    func authoritiesAreDistinct() throws {
        let (one, two) = (try TestAuthority("CA"), try TestAuthority("CA"))
        let trust = Trust(authorities: [try one.authority(id: "one"), try two.authority(id: "two")])
        #expect(try one.issue().chain().state(in: trust).verified?.authority == "one")
        #expect(try two.issue().chain().state(in: trust).verified?.authority == "two")
        #expect(try TestAuthority("CA").issue().chain().findings(in: trust).map(\.rule) == [.signature])
    }

    @Test("An anchor that is not self-signed ends the path")
    func anchorBelowARoot() throws {
        let below = try TestAuthority("root").subordinate("below")
        #expect(try below.issue().chain().state(in: below.trust(id: "below")).verified?.authority == "below")
    }

    @Test("Certificates that issue each other end nowhere, and end")
    func loop() throws {
        let (keyA, keyB) = (try SigningKey.generate(), try SigningKey.generate())
        let (rootA, rootB) = (try TestAuthority("A", key: keyA), try TestAuthority("B", key: keyB))
        let (aByB, bByA) = (try rootB.subordinate("A", key: keyA), try rootA.subordinate("B", key: keyB))
        let chain = try aByB.issue().chain(aByB.certificate, bByA.certificate)
        let findings = chain.findings(in: try TestAuthority("C").trust())
        #expect(findings.map(\.rule) == [.issuer])
        #expect(findings.map(\.refusal) == [.issuerNotTrusted])
    }

    @Test("A leaf that is sent again as an intermediate does not become its own issuer")
    func leafTwice() throws {
        let own = try TestAuthority("client")
        let chain = PresentedChain(der: [own.certificate.der, own.certificate.der])
        #expect(
            chain.findings(in: try TestAuthority("Ours").trust()).map(\.rule) == [
                .issuer, .basicConstraints, .keyUsage,
            ])
    }

    @Test("Many certificates of one name cost no more than the signature checks that we allow")
    func hostileNames() throws {
        let names = try (0..<PathBuilder.maximumChecks + 8).map { _ in try TestAuthority("Same name") }
        let authorities = try names.map { try $0.authority() }
        let findings = try TestAuthority("Same name").issue().chain().findings(in: Trust(authorities: authorities))
        #expect(findings.map(\.rule) == [.issuer])
        #expect(findings.map(\.refusal) == [.tooLarge])
        // The one that fits is found if it comes before the bound.
        let early = try names[3].issue().chain().state(in: Trust(authorities: authorities))
        #expect(early.verified != nil)
    }

    @Test("A path longer than we walk refuses, though every certificate is known")
    func longPath() throws {
        let root = try TestAuthority("root")
        var chain: [TestAuthority] = [root]
        for depth in 1...5 { chain.append(try chain[depth - 1].subordinate("\(depth)")) }
        let pem = chain.flatMap(\.certificate.pem)
        let trust = Trust(authorities: [Authority(file: try AuthorityFile(pem: pem))])
        #expect(try chain[4].issue().chain().state(in: trust).verified != nil)
        #expect(try chain[5].issue().chain().findings(in: trust).map(\.refusal) == [.tooLarge])
    }

    @Test("An intermediate with a weak key is named, and nothing is computed with its key")
    func weakIntermediate() throws {
        let root = try TestAuthority()
        let below = try root.subordinate { $0.publicKey = RSAKeys.weak }
        let findings = try below.issue().chain(below.certificate).findings(in: root.trust())
        #expect(findings.map(\.rule) == [.signature, .keyStrength])
        #expect(findings.map(\.refusal) == [.issuerNotTrusted, .weakKey])
        #expect(findings.last?.found == "RSA 1024 bits")
    }
}
