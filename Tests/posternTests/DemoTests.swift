import Foundation
import PosternMail
import PosternTestSupport
import Testing

@testable import postern

@Suite("The demo")
struct DemoTests {
    let folder: TestFolder
    let demo: DemoFolder

    init() throws {
        folder = try TestFolder()
        demo = DemoFolder(path: folder.path("demo"))
    }

    @Test("it makes everything once, uses it again, and its configuration has no problems")
    func prepare() throws {
        #expect(try demo.prepare(at: .testNow).count == 6)
        #expect(Assembled.read(demo.configurationPath, at: .testNow).problems == [])
        let files = ["postern.yaml", "accounts.yaml", "alice.pem", "alice.p12", "bob.key", "server.pem", "ca/ca.pem"]
        let before = try files.map { try Data(contentsOf: URL(filePath: folder.path("demo/\($0)"))) }
        #expect(try demo.prepare(at: .testNow.adding(days: 1)) == [])
        #expect(try files.map { try Data(contentsOf: URL(filePath: folder.path("demo/\($0)"))) } == before)
    }

    @Test("certificates that are over are made anew, and so is what an old authority has issued")
    func renewal() throws {
        _ = try demo.prepare(at: .testNow)
        let authority = try folder.text("demo/ca/ca.pem")
        let alice = try folder.text("demo/alice.pem")
        #expect(try demo.prepare(at: .testNow.adding(days: 826)).count == 3)
        #expect(try folder.text("demo/ca/ca.pem") == authority)
        #expect(try folder.text("demo/alice.pem") != alice)
        let later = Timestamp.testNow.adding(days: 3_652)
        #expect(try demo.prepare(at: later).count == 4)
        #expect(try folder.text("demo/ca/ca.pem") != authority)
        #expect(Assembled.read(demo.configurationPath, at: later).problems == [])
    }

    @Test("a folder with other people's files is left alone")
    func foreign() throws {
        try FileManager.default.createDirectory(atPath: demo.path, withIntermediateDirectories: true)
        try folder.write("mine", to: "demo/alice.pem")
        #expect(throws: DemoError.self) { try demo.prepare(at: .testNow) }
        #expect(try folder.text("demo/alice.pem") == "mine")
        #expect(!NewFile.exists(demo.configurationPath))
        try folder.write("hostname: mail.example.org\n", to: "demo/postern.yaml")
        #expect(throws: DemoError.self) { try demo.prepare(at: .testNow) }
    }

    @Test("there is a line for each way to log in, each program and each kind of port, with its title")
    func lines() {
        let lines = DemoLines(DemoFolder(path: "my demo")).lines(startTLS: 2_587, implicit: 2_465)
        #expect(lines.count == 18)
        #expect(Set(lines.map(\.command)).count == 18)
        let startTLS = lines.filter { $0.tls == .startTLS }
        #expect(startTLS.count == 9 && startTLS.allSatisfy { $0.command.contains("2587") })
        #expect(lines.allSatisfy { $0.command.contains("'my demo/ca/ca.pem'") && !$0.command.contains("\n") })
        let text = DemoLines.text(of: lines)
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("# ") }.count == 18)
        #expect(text.hasPrefix("# A: AUTH EXTERNAL, curl, STARTTLS\ncurl "))
    }
}
