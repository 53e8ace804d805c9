import PosternMail
import PosternTestSupport
import Testing

@testable import PosternCertificates

@Suite("Validity")
struct ValidityTests {
    @Test(
        "SUB-107: there is no grace: a second before notBefore and a second after notAfter refuse, both ends are good")
    func bounds() throws {
        let authority = try TestAuthority { $0.notAfter = .testEnd.adding(days: 100) }
        let (from, to) = (Timestamp.testStart.adding(days: 10), Timestamp.testEnd)
        let chain = try authority.issue(notBefore: from, notAfter: to).chain()
        let trust = try authority.trust()
        let examination = Examination(of: chain, against: trust)
        func refusals(_ moment: Timestamp) -> [RefusalClass] {
            examination.state(at: moment, trust: trust).unusable?.findings.map(\.refusal) ?? []
        }
        #expect(refusals(from + .nanoseconds(-1)) == [.notYetValid(from: from)])
        #expect(refusals(from).isEmpty)
        #expect(refusals(to).isEmpty)
        #expect(refusals(to + .milliseconds(999)).isEmpty)
        #expect(refusals(to + .seconds(1)) == [.expired(on: to)])
    }

    @Test("SUB-107: an intermediate and an authority whose time is over refuse as well")
    func issuers() throws {
        let end = Timestamp.testStart.adding(days: 30)
        let root = try TestAuthority()
        let below = try root.subordinate { $0.notAfter = end }
        let chain = try below.issue().chain(below.certificate)
        let findings = chain.findings(in: try root.trust())
        #expect(findings.map(\.refusal) == [.expired(on: end)])
        #expect(findings.map(\.certificate.role) == [.intermediate(1)])

        let old = try TestAuthority { $0.notAfter = end }
        #expect(try old.issue().chain().findings(in: old.trust()).map(\.certificate.role) == [.authority])
    }

    @Test("SUB-128: the moment is looked at each time: what was examined before it ended is unusable afterwards")
    func judgedAnew() throws {
        let authority = try TestAuthority()
        let trust = try authority.trust()
        let examination = Examination(of: try authority.issue(notAfter: .testNow).chain(), against: trust)
        #expect(examination.state(at: .testNow, trust: trust).verified != nil)
        #expect(examination.state(at: .testNow + .seconds(1), trust: trust).unusable != nil)
    }

    @Test("Dates beyond 2049 and without an end are read (RFC 5280 §4.1.2.5)")
    func farDates() throws {
        let far = try #require(CalendarDate(year: 2051, month: 3, day: 1)).timestamp
        let authority = try TestAuthority { $0.notAfter = far }
        let leaf = try authority.issue(notAfter: far)
        let facts = try #require(leaf.chain().state(in: try authority.trust()).verified?.facts)
        #expect(facts.notAfter == far)
        let years = [UInt8](hexadecimal: "180f32303531303330313030303030305a".utf8) ?? []
        let node = try DERProbe.time(years)
        #expect(node == far)
        let endless = try DERProbe.time([0x18, 0x0F] + Array("99991231235959Z".utf8))
        #expect(endless == Timestamp(nanoseconds: .max))
        #expect(throws: (any Error).self) { try DERProbe.time([0x18, 0x0F] + Array("20510229000000Z".utf8)) }
        #expect(throws: (any Error).self) { try DERProbe.time([0x17, 0x0D] + Array("260101000060Z".utf8)) }
    }
}
