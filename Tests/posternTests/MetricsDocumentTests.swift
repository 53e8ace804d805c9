import Foundation
import Logging
import PosternAdmin
import PosternMail
import PosternQueue
import Testing

@testable import postern

@Suite("docs/metrics.md")
struct MetricsDocumentTests {
    @Test("it lists every metric with its kind and labels, in their order, and no other")
    func metrics() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/metrics.md")
        let rows = try String(contentsOf: root, encoding: .utf8).split(separator: "\n").filter {
            $0.hasPrefix("| `postern_") || $0.hasPrefix("| `process_")
        }
        let listed = rows.map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().prefix(3)
                .map { $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "") }.joined(separator: " | ")
        }
        let registered = try families().map {
            "\($0.name) | \($0.kind.rawValue) | \($0.labels.joined(separator: ", "))"
        }
        #expect(listed == registered)
    }

    private func families() throws -> [any MetricFamily] {
        let folder = try TestFolder()
        let store = try SQLiteStore(in: try StateDirectory(path: folder.path("state")))
        let measured = MeasuredMetrics(
            store: store, canary: Canary(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            log: ProcessLog(.text), audit: AuditLog(path: folder.path("audit.log")), state: folder.path,
            started: .testNow, inForce: { fatalError("nothing is measured") }, now: { .testNow })
        return ProcessMetrics(listeners: ["submission"], now: { .testNow }).families + measured.families
    }
}
