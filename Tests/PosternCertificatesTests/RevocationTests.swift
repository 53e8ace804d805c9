import PosternMail
import PosternTestSupport
import Testing

@testable import PosternCertificates

@Suite("Revocation")
struct RevocationTests {
    private let authority: TestAuthority
    private let alice: TestCertificate
    private let bob: TestCertificate

    init() throws {
        authority = try TestAuthority()
        alice = try authority.issue(mailboxes: ["alice@example.org"])
        bob = try authority.issue(mailboxes: ["bob@example.org"])
    }

    private func trust(
        revoking revoked: [TestCertificate], _ mode: RevocationMode = .hard, from: Timestamp = .testStart,
        to: Timestamp = .testEnd
    ) throws -> Trust {
        let der = try authority.revocationList(revoking: revoked, thisUpdate: from, nextUpdate: to)
        return try authority.trust(lists: authority.file().revocationLists(in: der), revocation: mode)
    }

    @Test("SUB-126: revoked is unusable, not on the list is good, no list is not checked")
    func answers() throws {
        let trust = try trust(revoking: [alice])
        let finding = try #require(alice.chain().findings(in: trust).first)
        #expect(finding.refusal == .revoked)
        #expect(finding.rule == .revocation)
        #expect(finding.certificate.role == .leaf)
        #expect(bob.chain().state(in: trust).verified?.revocation == .good)
        #expect(try bob.chain().state(in: authority.trust()).verified?.revocation == .notChecked)
    }

    @Test("SUB-126: a stale list under hard makes revocation unavailable, under soft it is a warning")
    func stale() throws {
        let end = Timestamp.testStart.adding(days: 30)
        let list = StaleList(issuer: "CN=Test CA", reason: .expired(on: end))
        let hard = try #require(bob.chain().state(in: try trust(revoking: [alice], to: end)).verified)
        #expect(hard.revocation == .unavailable(list))
        #expect(hard.warnings.isEmpty)
        let soft = try #require(bob.chain().state(in: try trust(revoking: [alice], .soft, to: end)).verified)
        #expect(soft.revocation == .good)
        #expect(soft.warnings == [.staleList(list)])
    }

    @Test("A list whose time has not come is no more to be relied on than one whose time is over")
    func early() throws {
        let start = Timestamp.testNow.adding(days: 1)
        let state = bob.chain().state(in: try trust(revoking: [], from: start)).verified
        #expect(state?.revocation == .unavailable(StaleList(issuer: "CN=Test CA", reason: .notYetValid(from: start))))
    }

    @Test("A list is good through the last moment of its time")
    func bounds() throws {
        let trust = try trust(revoking: [], to: .testNow)
        let examination = Examination(of: bob.chain(), against: trust)
        #expect(examination.state(at: .testNow, trust: trust).verified?.revocation == .good)
        let after = examination.state(at: .testNow + .seconds(1), trust: trust).verified
        #expect(after?.revocation != .good)
    }

    @Test("What a stale list revokes stays revoked, hard or soft", arguments: RevocationMode.allCases)
    func staleAndRevoked(_ mode: RevocationMode) throws {
        let trust = try trust(revoking: [alice], mode, to: .testStart.adding(days: 30))
        #expect(alice.chain().findings(in: trust).map(\.refusal) == [.revoked])
    }

    @Test("SUB-128: a new list counts at the next look at the same examination")
    func newList() throws {
        let (before, after) = (try trust(revoking: []), try trust(revoking: [alice]))
        #expect(before.anchorsID == after.anchorsID)
        let examination = Examination(of: alice.chain(), against: before)
        #expect(examination.state(at: .testNow, trust: before).verified != nil)
        #expect(examination.state(at: .testNow, trust: after).unusable != nil)
    }

    @Test("Of two lists of one issuer the newer counts, in whichever order they are given")
    func newest() throws {
        let file = try authority.file()
        let old = try file.revocationLists(in: authority.revocationList(revoking: [alice]))
        let new = try file.revocationLists(
            in: authority.revocationList(revoking: [bob], thisUpdate: .testStart.adding(days: 1)))
        for lists in [old + new, new + old] {
            let trust = try authority.trust(lists: lists)
            #expect(alice.chain().state(in: trust).verified != nil)
            #expect(bob.chain().state(in: trust).unusable != nil)
        }
    }

    @Test("With an intermediate: its certificate can be revoked, and an issuer without a list is not covered")
    func intermediate() throws {
        let below = try authority.subordinate("below")
        let leaf = try below.issue()
        let file = try authority.file(below)
        let ofRoot = try file.revocationLists(in: authority.revocationList(revoking: []))
        let ofBelow = try file.revocationLists(in: below.revocationList(revoking: []))
        func state(_ lists: [RevocationList]) -> CertificateState {
            leaf.chain().state(in: Trust(authorities: [Authority(file: file, lists: lists)]))
        }
        #expect(state(ofRoot).verified?.revocation == .notCovered(issuer: "CN=below"))
        #expect(state(ofBelow).verified?.revocation == .notCovered(issuer: "CN=Test CA"))
        #expect(state(ofRoot + ofBelow).verified?.revocation == .good)
        let revoking = try file.revocationLists(in: authority.revocationList(revoking: [below.certificate]))
        #expect(state(revoking + ofBelow).unusable?.findings.map(\.certificate.role) == [.intermediate(1)])
    }

    @Test("A number revoked by one authority is nothing to another of the same name")
    func otherAuthority() throws {
        let namesake = try TestAuthority()
        let twin = try namesake.issue { $0.serial = alice.serial }
        let list = try authority.file().revocationLists(in: authority.revocationList(revoking: [alice]))
        let trust = Trust(authorities: [
            try authority.authority(id: "one", lists: list), try namesake.authority(id: "two"),
        ])
        #expect(twin.chain().state(in: trust).verified?.authority == "two")
        #expect(alice.chain().state(in: trust).unusable != nil)
    }

    @Test("A leaf that one of two ways shows to be revoked is revoked on both")
    func revokedOnOneWay() throws {
        let (one, two) = (try TestAuthority("one"), try TestAuthority("two"))
        let key = try SigningKey.generate()
        let (viaOne, viaTwo) = (try one.subordinate("middle", key: key), try two.subordinate("middle", key: key))
        let leaf = try viaOne.issue()
        let file = try one.file(viaOne)
        let list = try file.revocationLists(in: viaOne.revocationList(revoking: [leaf]))
        let trust = Trust(authorities: [
            Authority(id: "one", file: file, lists: list), Authority(id: "two", file: try two.file(viaTwo)),
        ])
        #expect(leaf.chain().findings(in: trust).map(\.refusal) == [.revoked])
        let rows = Examination(of: leaf.chain(), against: trust).explanation(at: .testNow, trust: trust).rows
        #expect(rows.filter { if case .broken = $0.outcome { true } else { false } }.map(\.rule) == [.revocation])
    }

    @Test("A pinned key bears a revoked intermediate, as its chain is not asked for")
    func pinnedBelowRevoked() throws {
        let below = try authority.subordinate("below")
        let leaf = try below.issue()
        let list = try authority.file().revocationLists(in: authority.revocationList(revoking: [below.certificate]))
        let chain = leaf.chain(below.certificate)
        #expect(chain.findings(in: try authority.trust(lists: list)).map(\.refusal) == [.revoked])
        let trust = try authority.trust(lists: list, pinning: [leaf.keyFingerprint])
        let verified = try #require(chain.state(in: trust).verified)
        #expect(verified.isPinned && verified.authority == nil)
        let rows = Examination(of: chain, against: trust).explanation(at: .testNow, trust: trust).rows
        #expect(rows.filter { $0.outcome == .notAsked }.map(\.rule) == [.revocation])
    }
}
