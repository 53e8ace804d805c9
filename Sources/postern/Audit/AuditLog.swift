import Glibc
import Logging
import PosternAdmin
import PosternMail
import PosternServer
import PosternSubmission
import Synchronization

/// Who logged in, or failed to, and who commanded what: an object a line, appended to a file of its own. Names and fields
/// are those of the log (docs/log.md).
///
/// Nobody waits for it: where it cannot be written, mail goes on, what is lost is counted (`postern_audit_dropped_total`),
/// and the first line after it says how many lines there were.
final class AuditLog: ServerObserver {
    private let lines: LineQueue
    private let logger: Logger
    private let log: ServerLog

    init(path: String) {
        let file = AuditFile(path: path)
        let lines = LineQueue(write: { file.write($0) }, droppedLine: { Self.droppedLine($0) })
        var logger = Logger(.json, to: LogOutput(write: { lines.append($0) }, now: { .now }))
        logger.logLevel = .debug
        self.lines = lines
        self.logger = logger
        log = ServerLog(logger)
    }

    /// Lines lost since the start.
    var dropped: Int { lines.dropped }

    func flush() { lines.flush() }

    func record(_ event: SessionEvent, of connection: PosternSubmission.Connection, on listener: String) {
        switch event {
        case .authenticated, .authenticationRefused: log.record(event, of: connection, on: listener)
        default: return
        }
    }

    func record(_ event: ServerEvent, of connection: PosternSubmission.Connection?, on listener: String) {
        guard case .certificateAborted = event else { return }
        log.record(event, of: connection, on: listener)
    }

    func record(_ condition: ServerCondition) {}

    func record(_ command: AdminRecord) {
        logger.log(
            .notice, .command,
            [
                "command": .string(command.command), "arguments": .array(command.arguments.map { .string($0) }),
                "user": .stringConvertible(Int(command.user)), "result": .string(command.result),
            ])
    }

    /// A reload that nobody commanded: a signal, or a file that changed.
    func record(_ answer: ReloadAnswer) {
        switch answer {
        case .inForce(let generation, _):
            logger.log(.notice, .reloaded, ["generation": .stringConvertible(generation)])
        case .refused(let problems):
            logger.log(.notice, .reloadRefused, ["problem": .string(problems.first ?? "")])
        }
    }

    private static func droppedLine(_ count: Int) -> [UInt8] {
        let line = Mutex<[UInt8]>([])
        let output = LogOutput(write: { octets in line.withLock { $0 = octets } }, now: { .now })
        Logger(.json, to: output).log(.error, .logDropped, ["lines": .stringConvertible(count)])
        return line.withLock { $0 }
    }
}

/// The file, opened anew where somebody has moved it away: rotation needs no signal.
private final class AuditFile: Sendable {
    private let path: String
    private let descriptor = Mutex<Int32>(-1)

    init(path: String) {
        self.path = path
    }

    func write(_ octets: [UInt8]) -> Bool {
        descriptor.withLock { descriptor in
            if descriptor >= 0, !Self.isSame(descriptor, path) {
                close(descriptor)
                descriptor = -1
            }
            if descriptor < 0 { descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
            return descriptor >= 0 && DescriptorOutput(descriptor: descriptor).write(octets)
        }
    }

    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
    }
}
