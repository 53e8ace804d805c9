import Glibc
import Logging
import PosternConfiguration
import PosternMail
import PosternQueue
import Synchronization

/// The log of a serving process: on standard error, by way of a queue that keeps whoever logs from waiting.
struct ProcessLog: Sendable {
    let logger: Logger
    private let lines: LineQueue

    init(_ format: LogFormat, level: Logger.Level = .info) {
        let lines = LineQueue(descriptor: STDERR_FILENO) { Self.droppedLine(format, count: $0) }
        var logger = Logger(format, to: LogOutput(write: { lines.append($0) }, now: { .now }))
        logger.logLevel = level
        self.logger = logger
        self.lines = lines
    }

    /// Lines lost since the start.
    var dropped: Int { lines.dropped }

    /// To be called before the process ends; what cannot be written within a second is lost.
    func flush() {
        lines.flush()
    }

    private static func droppedLine(_ format: LogFormat, count: Int) -> [UInt8] {
        let line = Mutex<[UInt8]>([])
        let output = LogOutput(write: { octets in line.withLock { $0 = octets } }, now: { .now })
        Logger(format, to: output).log(.error, .logDropped, ["lines": .stringConvertible(count)])
        return line.withLock { $0 }
    }
}
