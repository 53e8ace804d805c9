import Glibc

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
}
