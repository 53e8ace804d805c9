import Foundation
import Testing

/// The built program as a process, whose output is waited for line by line. It is killed with the value at the latest.
final class RunningProgram {
    private let process = Process()
    private let pipe = Pipe()
    private var unread: [UInt8] = []
    private(set) var lines: [String] = []

    /// - Parameter folder: in which it runs.
    init(_ arguments: [String], in folder: TestFolder) throws {
        process.executableURL = try Self.program()
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        // Ours of its two ends would keep the output from ending.
        try pipe.fileHandleForWriting.close()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var identifier: Int32 { process.processIdentifier }

    /// Reads until a line that holds the text.
    func wait(for text: String) throws -> String {
        while true {
            let line = try #require(try nextLine(), "expected a line with '\(text)', found \(lines)")
            if line.contains(text) { return line }
        }
    }

    func interrupt() { kill(process.processIdentifier, SIGINT) }

    /// Reads to the end.
    /// - Returns: the exit status.
    func finish() throws -> Int32 {
        while try nextLine() != nil {}
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func nextLine() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end + 1)
                lines.append(line)
                return line
            }
            var wish = pollfd(fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&wish, 1, 30_000) == 1, "nothing came for half a minute after \(lines)")
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            unread += data
        }
    }

    /// Beside the bundle of tests.
    private static func program() throws -> URL {
        let arguments =
            CommandLine.arguments + [try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")]
        let bundle = try #require(arguments.first { $0.contains("PackageTests") || $0.hasSuffix(".xctest") })
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: "postern")
    }
}
