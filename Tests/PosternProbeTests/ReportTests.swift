import Foundation
import Testing

@testable import PosternProbe

@Suite("Probe: reports")
struct ReportTests {
    private func report(_ kind: Verdict.Kind) throws -> ProbeReport {
        ProbeReport(
            [try #require(VerdictTests.table.first { $0.verdict == kind }).evidence], failedAuthentications: 0)
    }

    @Test("the terminal: the verdict first, the evidence line by line, and that nothing was delivered")
    func text() throws {
        let lines = TextReport.lines(try report(.implicitOnly))
        #expect(lines.first?.hasPrefix("mx.example:465  implicit TLS  B-ONLY") == true)
        #expect(lines.contains { $0.contains("B  MAIL without AUTH") && $0.contains("<- works") })
        #expect(lines.contains { $0.contains("RFC8314-4.2") })
        #expect(lines.contains { $0.contains("works with") && $0.contains("Thunderbird") })
        #expect(lines.last?.contains("no content was sent") == true)
    }

    @Test("JSON: verdict, evidence and transcript, for every verdict", arguments: Verdict.Kind.allCases)
    func json(_ kind: Verdict.Kind) throws {
        let object = try JSONSerialization.jsonObject(with: Data(JSONReport.octets(try report(kind))))
        let document = try #require(object as? [String: Any])
        let ports = try #require(document["ports"] as? [[String: Any]])
        #expect(document["schema"] as? Int == 1)
        #expect(ports.first?["verdict"] as? String == kind.rawValue)
        #expect((ports.first?["steps"] as? [Any])?.isEmpty == false)
    }

    @Test("each verdict has its page in docs/, and stands in the schema of the JSON", arguments: Verdict.Kind.allCases)
    func pages(_ kind: Verdict.Kind) throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs")
        let page = try String(
            contentsOf: docs.appending(path: "verdicts/\(kind.rawValue.lowercased()).md"), encoding: .utf8)
        #expect(page.hasPrefix("# \(kind.rawValue)\n"))
        for part in ["## What an administrator changes", "## What a user sets in the mail program"] {
            #expect(page.contains(part))
        }
        let schema = try String(contentsOf: docs.appending(path: "probe.schema.json"), encoding: .utf8)
        #expect(schema.contains("\"\(kind.rawValue)\""))
        let overview = try String(contentsOf: docs.appending(path: "probe.md"), encoding: .utf8)
        #expect(
            overview.contains("[\(kind.rawValue)](verdicts/\(kind.rawValue.lowercased()).md) | \(kind.exitStatus) |"))
    }

    @Test("each finding stands in docs/probe.md")
    func findings() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let page = try String(contentsOf: root.appending(path: "docs/probe.md"), encoding: .utf8)
        var count = 0
        for file in [
            "Judgement/Finding.swift", "Judgement/ServerFindings.swift", "Judgement/ConformanceFindings.swift",
            "Reports/ProbeReport.swift",
        ] {
            let source = try String(contentsOf: root.appending(path: "Sources/PosternProbe/\(file)"), encoding: .utf8)
            for match in source.matches(of: /"([A-Z][A-Z0-9]+(?:[-.][A-Z0-9.]+)+)"/) {
                guard Verdict.Kind(rawValue: String(match.1)) == nil else { continue }
                #expect(page.contains("| `\(match.1)` |"), "\(match.1)")
                count += 1
            }
        }
        #expect(count > 30)
    }

    @Test("the page stands alone, and what a server says is text in it")
    func html() throws {
        var evidence = PortEvidence(
            ProbeTarget(host: "<b>mx</b>", port: 465, security: .implicit), .sample(), at: .probed)
        var observation = Observation(.withoutCertificate)
        observation.note(.server, "220 <script>alert(1)</script> \"&")
        evidence.add(observation)
        let page = HTMLReport.page(ProbeReport([evidence], failedAuthentications: 0))
        #expect(!page.contains("<script") && !page.contains("<b>mx"))
        #expect(page.contains("&lt;script&gt;"))
        for outside in ["src=", "@import", "url(", "<link"] { #expect(!page.contains(outside)) }
    }
}
