import PosternMail
import PosternTestSupport
import Testing
import X509

@testable import PosternCertificates

@Suite("States")
struct StateTests {
    @Test("No certificate is no certificate, whatever is trusted")
    func none() throws {
        let trust = try TestAuthority().trust()
        #expect(PresentedChain(der: []).state(in: trust) == .none)
        #expect(
            Examination(of: PresentedChain(der: []), against: trust).explanation(at: .testNow, trust: trust).rows
                .isEmpty)
    }

    @Test("The faults that other tests use are what they say", arguments: CertificateFault.allCases)
    func faults(_ fault: CertificateFault) throws {
        let (certificate, trust) = try TestAuthority().issue(fault, mailboxes: ["alice@example.org"])
        let unusable = try #require(certificate.chain().state(in: trust).unusable)
        #expect(fault.isShown(by: unusable))
        #expect(CertificateFault.allCases.filter { $0.isShown(by: unusable) } == [fault])
    }

    @Test("SUB-128: an authority that is gone, or new, counts at the next look at the same examination")
    func changedAuthorities() throws {
        let (old, new) = (try TestAuthority("old"), try TestAuthority("new"))
        let leaf = try new.issue()
        let (before, after) = (try old.trust(), try new.trust(id: "new"))
        let examination = Examination(of: leaf.chain(), against: before)
        #expect(examination.state(at: .testNow, trust: before).unusable != nil)
        #expect(examination.state(at: .testNow, trust: after).verified?.authority == "new")
        #expect(examination.state(at: .testNow, trust: .nobody).unusable?.findings.map(\.rule) == [.issuer])
    }

    @Test("The explanation gives the same state, every rule for every certificate, and the same findings")
    func explanation() throws {
        let root = try TestAuthority("root")
        let below = try root.subordinate("below")
        let trust = try root.trust()
        let good = try below.issue().chain(below.certificate)
        let bad = try below.issue { try $0.setUsages([.serverAuth]) }.chain(below.certificate)
        for chain in [good, bad] {
            let examination = Examination(of: chain, against: trust)
            let explanation = examination.explanation(at: .testNow, trust: trust)
            #expect(explanation.state == examination.state(at: .testNow, trust: trust))
            #expect(explanation.path.map(\.role) == [.leaf, .intermediate(1), .authority])
            // Each fixed rule and the dates for three certificates, revocation for two, the pin for one.
            #expect(explanation.rows.count == (Rules.fixed.count + 1) * 3 + 2 + 1)
            let broken = explanation.rows.flatMap { row -> [Finding] in
                if case .broken(let findings) = row.outcome { findings } else { [] }
            }
            #expect(broken == explanation.state.unusable?.findings ?? [])
            #expect(explanation.rows.allSatisfy { !$0.words.isEmpty })
        }
    }

    @Test("The explanation of a pinned key says which rules were not asked")
    func explanationOfPinned() throws {
        let own = try TestAuthority("alice") { try $0.setKeyUsage(KeyUsage(digitalSignature: true)) }
        let trust = Trust(authorities: [], pinnedKeys: [try own.certificate.keyFingerprint])
        let explanation = Examination(of: own.certificate.chain(), against: trust).explanation(
            at: .testNow, trust: trust)
        #expect(explanation.state.verified?.isPinned == true)
        #expect(explanation.rows.filter { $0.outcome == .notAsked }.map(\.rule) == [.issuer, .basicConstraints])
    }

    @Test("A chain's fingerprint depends on its certificates, their order and their borders")
    func chainFingerprint() {
        let chains = [[[1, 2], [3]], [[1], [2, 3]], [[1, 2, 3]], [[3], [1, 2]], [], [[]]].map {
            PresentedChain(der: $0)
        }
        #expect(Set(chains.map(\.fingerprint)).count == chains.count)
        #expect(chains[0].fingerprint == PresentedChain(der: [[1, 2], [3]]).fingerprint)
    }

    @Test("A certificate beyond the size that we read refuses, and names the limit")
    func oversized() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue {
            $0.set(
                .init(oid: [1, 3, 6, 1, 4, 1, 32473, 2], critical: false, value: .init(repeating: 0, count: 17_000)))
        }
        let unusable = try #require(leaf.chain().state(in: try authority.trust()).unusable)
        #expect(unusable.facts == nil)
        #expect(unusable.findings.map(\.refusal) == [.tooLarge])
        let explanation = Examination(of: leaf.chain(), against: .nobody).explanation(at: .testNow, trust: .nobody)
        #expect(explanation.rows.map(\.outcome) == [.broken(unusable.findings)])
    }
}
