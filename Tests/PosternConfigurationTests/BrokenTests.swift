import Foundation
import PosternConfiguration
import Testing

/// The folder of this file.
let testFolder = URL(filePath: #filePath).deletingLastPathComponent()

/// Each folder in `Broken` holds a file and, in `expected.txt`, everything that must be said of it. With
/// POSTERN_WRITE_EXPECTED in the environment the tests write these files, to be read before they are committed.
@Suite("Broken configurations")
struct BrokenTests {
    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: testFolder.appending(path: "Broken").path)
        return (names ?? []).sorted()
    }()

    @Test("there are broken configurations to try")
    func count() {
        #expect(Self.names.count >= 40)
    }

    @Test("each problem is reported with its line, its column and what to do", arguments: names)
    func messages(name: String) throws {
        let folder = testFolder.appending(path: "Broken/\(name)")
        let problems: [ConfigurationProblem]
        let value: Any?
        if let octets = try? Data(contentsOf: folder.appending(path: "accounts.yaml")) {
            let reading = Accounts.read(Array(octets), file: "accounts.yaml")
            (problems, value) = (reading.problems, reading.value)
        } else {
            let octets = try Data(contentsOf: folder.appending(path: "postern.yaml"))
            let reading = Configuration.read(Array(octets), file: "postern.yaml")
            (problems, value) = (reading.problems, reading.value)
        }
        let messages = problems.map { "\($0)\n" }.joined()
        if ProcessInfo.processInfo.environment["POSTERN_WRITE_EXPECTED"] != nil {
            try Data(messages.utf8).write(to: folder.appending(path: "expected.txt"))
        }
        let expected = try String(contentsOf: folder.appending(path: "expected.txt"), encoding: .utf8)
        #expect(messages == expected)
        #expect(!problems.isEmpty)
        #expect((value == nil) == problems.contains { $0.severity == .error })
    }
}
