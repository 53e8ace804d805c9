import Glibc
import Testing

@testable import postern

@Suite("Lines of the log on their way out")
struct LineQueueTests {
    /// A pipe: what is written to the one end can be read at the other.
    private struct Pipe: ~Copyable {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
        }

        /// Reads until so many octets, or the end, have come.
        func read(upTo count: Int) -> String {
            var octets: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while octets.count < count {
                let read = Glibc.read(reading, &buffer, min(buffer.count, count - octets.count))
                guard read > 0 else { break }
                octets += buffer.prefix(read)
            }
            return String(decoding: octets, as: UTF8.self)
        }

        deinit {
            close(reading)
            close(writing)
        }
    }

    @Test("lines come out whole, in their order, and a flush waits for the last")
    func order() throws {
        let pipe = try Pipe()
        let queue = LineQueue(descriptor: pipe.writing) { Array("dropped \($0)".utf8) }
        for number in 1...100 { queue.append(Array("line \(number)".utf8)) }
        #expect(queue.flush(within: .seconds(60)))
        let expected = (1...100).map { "line \($0)\n" }.joined()
        #expect(pipe.read(upTo: expected.utf8.count) == expected)
    }

    @Test("a reader that stalls stops nobody who logs; what was dropped is counted, and said in the next line")
    func stalledReader() throws {
        let pipe = try Pipe()
        let queue = LineQueue(descriptor: pipe.writing, capacity: 100_000) { Array("dropped \($0)".utf8) }
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 999)
        // More than pipe and queue hold together; whoever logs comes back each time all the same.
        let taken = 1_000
        for _ in 0..<taken { queue.append(line) }
        #expect(!queue.flush(within: .milliseconds(1)))
        var text = ""
        while !queue.flush(within: .milliseconds(1)) { text += pipe.read(upTo: 50_000) }
        queue.append(Array("after".utf8))
        let end = "after\n"
        while !text.hasSuffix(end) { text += pipe.read(upTo: 1) }
        let lines = text.split(separator: "\n")
        let whole = lines.count { $0.utf8.count == 999 }
        let dropped = lines.first { $0.hasPrefix("dropped ") }.flatMap { Int($0.dropFirst(8)) }
        #expect(dropped != nil && whole + (dropped ?? 0) == taken)
    }

    @Test("lines that cannot be written are counted, and a closed reader ends nothing")
    func closedReader() throws {
        signal(SIGPIPE, SIG_IGN)
        let queue = LineQueue(descriptor: -1) { Array("dropped \($0)".utf8) }
        queue.append(Array("lost".utf8))
        #expect(queue.flush(within: .seconds(60)))
        queue.append(Array("lost too".utf8))
        #expect(queue.flush(within: .seconds(60)))
    }
}
