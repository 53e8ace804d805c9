import Glibc
import Logging
import PosternConfiguration
import PosternMail
import PosternQueue

/// Where lines of the log go, and the clock that dates them.
struct LogOutput: Sendable {
    let write: @Sendable ([UInt8]) -> Void
    let now: @Sendable () -> Timestamp

    /// One call of the system for each line.
    static let standardError = LogOutput(
        write: { DescriptorOutput(descriptor: STDERR_FILENO).writeLine($0) }, now: { .now })
}

extension Logger {
    /// The log of the server in the form that the configuration asks for.
    init(_ format: LogFormat, to output: LogOutput = .standardError) {
        self.init(label: "postern") { _ in
            switch format {
            case .json: JSONLogHandler(output)
            case .text: TextLogHandler(output)
            }
        }
    }
}
