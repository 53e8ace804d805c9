import Testing

@testable import PosternProbe

@Suite("Probe: our own listeners")
struct SelfCheckTests {
    @Test(
        "what a listener does is compared with what its policy says: only the verdict of the policy agrees",
        arguments: [Verdict.Kind.both, .externalOnly, .implicitOnly, .ignoresCertificates])
    func verdicts(_ expected: Verdict.Kind) {
        let quiet = VerdictTests.table.filter { !$0.findings.contains("STRANGER-ACCEPTED") }
        for sketch in quiet where sketch.hasCertificate {
            let report = PortReport(sketch.evidence)
            let endsUnknown = report.evidence.stranger?.rejection != nil
            let differences = SelfCheck.differences(report, .init(verdict: expected, endsUnknown: endsUnknown))
            let isAlike = sketch.verdict == expected && report.evidence.control?.capabilities != nil
            #expect(differences.isEmpty == isAlike, "\(sketch.name): \(differences)")
        }
    }

    @Test("without a certificate only the request and what happens to strangers are compared")
    func withoutCertificate() throws {
        let sketch = try #require(VerdictTests.table.first { !$0.hasCertificate })
        let report = PortReport(sketch.evidence)
        #expect(SelfCheck.differences(report, .init(verdict: .both, endsUnknown: false)) == [])
        #expect(
            SelfCheck.differences(report, .init(verdict: .ignoresCertificates, endsUnknown: false)).first
                == "it asks for a certificate, and its policy takes none")
    }

    @Test("an unknown certificate ends the connection where the setting says so, and nowhere else")
    func unknown() throws {
        let hard = try #require(
            VerdictTests.table.first { $0.verdict == .implicitOnly && $0.findings.contains("HARD-REJECTS-UNKNOWN") })
        var soft = hard
        soft.stranger = .codes(530, 0)
        soft.control = .codes(530, 0)
        #expect(
            SelfCheck.differences(PortReport(soft.evidence), .init(verdict: .implicitOnly, endsUnknown: true)).count
                == 1)
        #expect(
            SelfCheck.differences(PortReport(soft.evidence), .init(verdict: .implicitOnly, endsUnknown: false)).isEmpty)
    }
}
