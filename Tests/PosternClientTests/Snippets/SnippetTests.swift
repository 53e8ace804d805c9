import Foundation
import Testing

/// What a reader copies from a page is compiled: each block of Swift in these pages is a piece of a file that is, word by word.
@Suite("Pages: their code")
struct SnippetTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized

    private static func files(_ folder: String, _ end: String) throws -> [URL] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        return all.filter { $0.hasSuffix(end) }.sorted().map { root.appending(path: "\(folder)/\($0)") }
    }

    private static func pages() throws -> [URL] {
        try files("Sources/PosternClient/PosternClient.docc", ".md")
            + ["README.md", "docs/swift-servers.md", "docs/smart-cards.md"].map { root.appending(path: $0) }
    }

    /// By name, without the indentation that the whole has.
    private static func snippets() throws -> [String: String] {
        var snippets: [String: String] = [:]
        for file in try files("Tests/PosternClientTests/Snippets", ".swift") + files("examples", ".swift") {
            var name: String?
            var lines: [Substring] = []
            for line in try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                let text = line.drop { $0 == " " }
                if text.hasPrefix("// BEGIN ") {
                    name = file.deletingLastPathComponent().lastPathComponent + "/" + text.dropFirst(9)
                } else if text == "// END", let ended = name {
                    snippets[ended] = outdented(lines)
                    (name, lines) = (nil, [])
                } else if name != nil {
                    lines.append(line)
                }
            }
        }
        return snippets
    }

    private static func outdented(_ lines: [Substring]) -> String {
        let indentation = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { $0.dropFirst(indentation) }.joined(separator: "\n")
    }

    private static func blocks(_ page: URL) throws -> [String] {
        try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst().map { block in
            block.components(separatedBy: "\n```")[0]
        }
    }

    @Test("Each block of Swift in a page is a snippet of a compiled file")
    func pagesAreCompiled() throws {
        let known = try Set(Self.snippets().values)
        for page in try Self.pages() {
            for block in try Self.blocks(page) {
                let isKnown = known.contains(block)
                #expect(isKnown, "\(page.lastPathComponent): \(block.prefix(200))")
            }
        }
    }

    @Test("Each snippet is in a page")
    func snippetsAreShown() throws {
        let shown = try Set(Self.pages().flatMap(Self.blocks))
        for (name, snippet) in try Self.snippets() {
            let isShown = shown.contains(snippet)
            #expect(isShown, "\(name)")
        }
    }
}
