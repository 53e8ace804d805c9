import Glibc
import PosternMail
import PosternSend

/// A message on standard input.
struct MessageInput {
    /// Whether a line with a dot alone is its end: at a terminal, where nothing else is, unless -i was given.
    let endsAtDot: Bool
    private var isEnded = false

    init(_ arguments: SendArguments) {
        endsAtDot = StandardInput.isTerminal && !arguments.ignoresDots
    }

    /// The next octets; none at the end.
    mutating func next() throws(SendFailure) -> [UInt8] {
        guard !isEnded else { return [] }
        var octets = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = octets.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SendFailure(.inputOutput, "the message cannot be read: \(SystemError.text)") }
            octets.removeSubrange(count...)
            // A terminal gives a line at a time.
            if octets.isEmpty || (endsAtDot && octets == Array(".\n".utf8)) {
                isEnded = true
                return []
            }
            return octets
        }
    }
}

/// Why the command ends without having sent anything, and with which status.
struct SendFailure: Error {
    let status: SendStatus
    let text: String

    init(_ status: SendStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    init(_ error: AccountError) { self.init(.configurationError, "\(error)") }
    init(_ error: IntakeError) { self.init(error.status, "\(error)") }
    init(_ error: FileFault) { self.init(.inputOutput, "\(error)") }
}
