import Foundation
import PosternMail
import PosternTestSupport
import Testing

@testable import postern

@Suite("What the README shows")
struct ReadmeTests {
    @Test("its configuration and its accounts are sound as they stand there, but for the places of their files")
    func configuration() throws {
        let folder = try TestFolder()
        try folder.fill()
        let authority = try AuthorityFolder(path: folder.path("ca")).open(at: .testStart)
        try folder.write(
            try authority.revocationList(revoking: [], thisUpdate: .testStart, nextUpdate: .testNow.adding(days: 30)),
            to: "devices.crl")
        let blocks = try Self.blocks()
        #expect(blocks.count == 2)
        let names = ["tls.pem": "server.pem", "tls.key": "server.key", "devices-ca.pem": "ca/ca.pem"]
        let configuration = names.reduce(try #require(blocks.first)) { text, name in
            text.replacing("/etc/postern/\(name.key)", with: folder.path(name.value))
        }
        try folder.write(configuration.replacing("/etc/postern", with: folder.path), to: "postern.yaml")
        var generator = SystemRandomNumberGenerator()
        let stored = try PasswordCommand.stored(Array("correct horse".utf8), using: &generator)
        let accounts = try #require(blocks.last).replacing("SCRAM-SHA-256$…", with: stored)
        try folder.write(accounts, to: "accounts.yaml")
        #expect(folder.problems() == [])
    }

    /// The blocks of YAML, in their order.
    private static func blocks() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md")
        let page = try String(contentsOf: root, encoding: .utf8)
        return page.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }
}
