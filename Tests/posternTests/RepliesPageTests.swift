import Foundation
import Testing

/// docs/replies.md against the words in Sources, both ways.
@Suite("docs/replies.md")
struct RepliesPageTests {
    /// A refusal as the page shows it: `554 5.6.0` and the text, with `…` for what is filled in.
    private struct Row: Hashable {
        let code: String
        let text: String
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    static func contents(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The page's rows with a code.
    private static func page() throws -> [Row] {
        try contents("docs/replies.md").matches(of: /\| (\d{3} \d\.\d\.\d+) \| `([^`]+)` \|/).map {
            Row(code: String($0.1), text: String($0.2))
        }
    }

    private static func shown(_ literal: Substring) -> String {
        var (text, depth, rest) = ("", 0, literal)
        while let character = rest.popFirst() {
            if depth == 0, character == "\\", rest.first == "(" {
                text += "…"
                depth = 1
                rest.removeFirst()
            } else if depth > 0 {
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
            } else {
                text.append(character)
            }
        }
        return text
    }

    /// What `Refusal` says, and what the handlers say that have no session.
    private static func refusals() throws -> Set<Row> {
        let source = try contents("Sources/PosternSubmission/Refusal.swift")
        var rows: Set<Row> = []
        for match in source.matches(
            of: /\((\d)(\d\d), \.init\((\d), (\d+)\),\s*(?:Self\.sentence\()?"((?:[^"\\]|\\.)*)"/)
        {
            let code = "\(match.1)\(match.2) \(match.1).\(match.3).\(match.4)"
            rows.insert(Row(code: code, text: shown(match.5)))
        }
        for match in source.matches(of: /: "(line (?:[^"\\]|\\.)*)"/) {
            rows.insert(Row(code: "554 5.6.0", text: shown(match.1)))
        }
        for file in ["FirstOctetHandler", "Listening"] {
            let source = try contents("Sources/PosternServer/\(file).swift")
            for match in source.matches(of: /"(\d{3} \d\.\d\.\d+) ([^"\\]*) \(\\/) {
                rows.insert(Row(code: String(match.1), text: String(match.2)))
            }
        }
        return rows
    }

    @Test("it lists every refusal with its code and its words, once, and no other")
    func refusals() throws {
        let (page, source) = (try Self.page(), try Self.refusals())
        #expect(source.count > 60)
        #expect(Set(page).count == page.count)
        for row in source.subtracting(page) { Issue.record("missing on the page: \(row.code) \(row.text)") }
        for row in Set(page).subtracting(source) { Issue.record("nowhere said: \(row.code) \(row.text)") }
    }

    @Test("it lists every word on a certificate, and no other")
    func certificateWords() throws {
        let source = try Self.contents("Sources/PosternSubmission/CertificateFault.swift")
        let said = Set(
            source.matches(of: /"((?:the client certificate|a key|a signature|an authority)[^"]*)"/).map {
                Self.shown($0.1)
            })
        let page = try Self.contents("docs/replies.md")
        let start = try #require(page.range(of: "Words on the certificate"))
        let end = try #require(page.range(of: "## No: not like this"))
        let listed = page[start.upperBound..<end.lowerBound].matches(of: /\n\| `([^`]+)` \|/).map { String($0.1) }
        #expect(said.count > 10)
        #expect(Set(listed) == said)
        #expect(Set(listed).count == listed.count)
    }
}
