import Foundation
import PosternServer
import Testing

@testable import postern

@Suite("docs/log.md")
struct LogNamesTests {
    @Test("it lists every event of the log, and no other")
    func events() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/log.md")
        let rows = try String(contentsOf: root, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }
        let listed = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        let names = ServerEventName.allCases.map(\.rawValue) + ProcessEventName.allCases.map(\.rawValue)
        #expect(Set(listed) == Set(names))
        #expect(listed.count == names.count)
    }
}
