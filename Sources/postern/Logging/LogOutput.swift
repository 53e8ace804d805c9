import Logging
import PosternConfiguration
import PosternMail

/// Where lines of the log go, and the clock that dates them.
struct LogOutput: Sendable {
    let write: @Sendable ([UInt8]) -> Void
    let now: @Sendable () -> Timestamp
}

extension Logger {
    /// The log in the form that the configuration asks for.
    init(_ format: LogFormat, to output: LogOutput) {
        self.init(label: "postern") { _ in
            switch format {
            case .json: JSONLogHandler(output)
            case .text: TextLogHandler(output)
            }
        }
    }
}
