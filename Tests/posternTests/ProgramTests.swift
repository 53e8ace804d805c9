import Foundation
import PosternMail
import PosternServer
import Testing

@testable import postern

/// The commands as a person runs them.
@Suite("The program")
struct ProgramTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private func prepare() throws {
        try folder.fill()
        let listeners = "listeners: { submission: { address: 127.0.0.1, port: 0, tls: starttls } }\n"
        try folder.write(TestFolder.configuration + listeners, to: "postern.yaml")
    }

    @Test("the demo sends by each line it prints, says where each message went, and ends with 0 at Ctrl-C")
    func demo() throws {
        let demo = try RunningProgram(["demo", "--submission-port", "0", "--submissions-port", "0"], in: folder)
        _ = try demo.wait(for: "Ctrl-C ends the demo")
        let lines = try folder.text(".postern/try.txt").split(separator: "\n")
        let ways = [
            "A": "by sequence A (AUTH EXTERNAL)", "B": "by sequence B (MAIL on the certificate)", "b": "by password",
        ]
        var count = 0
        for (title, command) in zip(lines, lines.dropFirst()) where title.hasPrefix("# ") {
            let shell = Process()
            shell.executableURL = URL(filePath: "/bin/bash")
            shell.arguments = ["-c", "(\(command)) > /dev/null 2>&1"]
            shell.currentDirectoryURL = folder.url
            shell.standardInput = FileHandle.nullDevice
            try shell.run()
            shell.waitUntilExit()
            #expect(shell.terminationStatus == 0, "\(title)")
            let way = try #require(ways[String(title.dropFirst(2).prefix(1))])
            let line = try demo.wait(for: "alice ")
            #expect(line.hasPrefix("alice \(way), "), "\(title)")
            let path = try #require(line.split(separator: " -> ").last)
            #expect(try folder.text(String(path)).contains("It came by certificate"), "\(title)")
            count += 1
        }
        #expect(count == 18)
        demo.interrupt()
        #expect(try demo.finish() == 0)
        #expect(demo.lines.last?.hasPrefix("stopped") == true)

        let again = try RunningProgram(["demo", "--submission-port", "0", "--submissions-port", "0"], in: folder)
        _ = try again.wait(for: "listening: ")
        // Nothing was made before.
        #expect(again.lines.count == 1)
        again.interrupt()
        #expect(try again.finish() == 0)
    }

    @Test("a state folder that another process holds ends the second with 75, and it says which")
    func held() throws {
        try prepare()
        let first = try RunningProgram(["serve", "--config", "postern.yaml"], in: folder)
        _ = try first.wait(for: #""event":"listening""#)
        let second = try RunningProgram(["serve", "--config", "postern.yaml"], in: folder)
        _ = try second.wait(for: "held by process \(first.identifier)")
        #expect(try second.finish() == 75)
        first.interrupt()
        #expect(try first.finish() == 0)
        #expect(first.lines.last?.contains(#""event":"stopped""#) == true)
    }

    @Test("a port that is taken ends the server with 75, and it says which")
    func port() throws {
        try prepare()
        let first = try RunningProgram(["serve", "--config", "postern.yaml"], in: folder)
        let line = try first.wait(for: #""event":"listening""#)
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let port = try #require(event?["port"] as? Int)
        let taken = try folder.text("postern.yaml").replacing("port: 0", with: "port: \(port)")
        try folder.write(taken.replacing("state: state", with: "state: other"), to: "other.yaml")
        let second = try RunningProgram(["serve", "--config", "other.yaml"], in: folder)
        _ = try second.wait(for: "listener submission cannot listen on 127.0.0.1 port \(port): another program")
        #expect(try second.finish() == 75)
        first.interrupt()
        #expect(try first.finish() == 0)
    }

    @Test(
        "check and serve end with 78 for a configuration with errors, and print the same; check ends with 0 for a sound one"
    )
    func configuration() throws {
        try prepare()
        let good = try RunningProgram(["check", "postern.yaml"], in: folder)
        #expect(try good.finish() == 0)
        try folder.write("accounts: { alice: { addresses: [alice] } }", to: "accounts.yaml")
        let check = try RunningProgram(["check", "postern.yaml"], in: folder)
        #expect(try check.finish() == 78)
        let serve = try RunningProgram(["serve", "--config", "postern.yaml"], in: folder)
        #expect(try serve.finish() == 78)
        #expect(check.lines == serve.lines && check.lines.count == 1)
    }

    @Test("what is asked for wrongly ends with 64 and a sentence")
    func usage() throws {
        try prepare()
        for arguments in [
            ["explain", "--config", "postern.yaml", "--listener", "nothere"],
            ["explain", "--config", "postern.yaml", "--listener", "submission", "--at", "tomorrow"],
            ["explain", "--config", "postern.yaml", "--listener", "submission", "--from", "alice"],
            ["certificate", "issue", "--authority", "ca", "--address", "a@example.org", "--days", "0"],
        ] {
            let program = try RunningProgram(arguments, in: folder)
            #expect(try program.finish() == 64)
            #expect(!program.lines.isEmpty)
        }
    }
}
