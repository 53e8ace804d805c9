import Glibc
import PosternSend

/// A file to which many processes append lines.
enum LogFile {
    /// - Returns: false where the system refused; `errno` says why.
    static func append(_ line: String, to path: String) -> Bool {
        if path == "-" { return DescriptorOutput(descriptor: STDOUT_FILENO).writeLine(Array(line.utf8)) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return DescriptorOutput(descriptor: descriptor).writeLine(Array(line.utf8))
    }

    /// Now, in the form of strftime(3).
    static func localTime(_ format: String) -> String {
        var now = time(nil)
        var date = tm()
        localtime_r(&now, &date)
        var text = [CChar](repeating: 0, count: 256)
        let count = strftime(&text, text.count, format, &date)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The system's log.
enum SystemLog {
    static func write(_ line: String, _ facility: SystemLogFacility, isFailure: Bool, as name: String) {
        // Glibc keeps the pointer to the name until the log is closed.
        name.withCString { name in
            openlog(name, LOG_PID, facility.number)
            line.withCString { line in
                withVaList([line]) { vsyslog(isFailure ? LOG_ERR : LOG_INFO, "%s", $0) }
            }
            closelog()
        }
    }
}
