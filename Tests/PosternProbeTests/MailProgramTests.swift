import Foundation
import Testing

@testable import PosternProbe

@Suite("Probe: mail programs")
struct MailProgramTests {
    private struct Row: Decodable {
        let name: String
        let setting: String
        let way: String
        let source: String
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

    @Test("the file of the repository is what the program has, row by row, each with its source")
    func file() throws {
        let file = Self.root.appending(path: "Sources/PosternProbe/Resources/mail-programs.json")
        let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: file))
        #expect(rows.count == MailProgram.all.count && rows.count > 30)
        for (row, program) in zip(rows, MailProgram.all) {
            #expect([row.name, row.setting, row.way, row.source].allSatisfy { !$0.isEmpty })
            #expect(
                [program.name, program.setting, program.way.rawValue, program.source]
                    == [row.name, row.setting, row.way, row.source])
        }
        #expect(Set(MailProgram.all.map { "\($0.name), \($0.setting)" }).count == rows.count)
    }

    @Test("docs/mail-program-table.md has each row, and no other")
    func document() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/mail-program-table.md"), encoding: .utf8)
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let expected = MailProgram.all.map { "| \($0.name) | \($0.setting) | `\($0.way.rawValue)` | \($0.source) |" }
        #expect(lines.map(String.init) == expected)
        for way in MailProgram.Way.allCases { #expect(page.contains("- `\(way.rawValue)`: ")) }
    }

    @Test("mutt without a user asks for a password where one could be given")
    func lone() throws {
        let mutt = try #require(MailProgram.all.first { $0.way == .lone })
        for (listed, outlook) in [("EXTERNAL", MailProgram.Outlook.works), ("EXTERNAL PLAIN", .fails)] {
            let sketch = PortSketch(
                name: "A", listed: ("PLAIN", listed, "PLAIN"), auth: 235, verdict: .externalOnly)
            #expect(mutt.outlook(sketch.evidence) == outlook)
        }
    }
}
