import Glibc

/// Lines for the person who typed the command. One that cannot be written is lost: there is nobody to tell.
enum Terminal {
    /// Writes a line to standard output.
    static func print(_ line: String = "") {
        DescriptorOutput(descriptor: STDOUT_FILENO).writeLine(Array(line.utf8))
    }

    /// Writes a line to standard error.
    static func complain(_ line: String) {
        DescriptorOutput(descriptor: STDERR_FILENO).writeLine(Array(line.utf8))
    }

    /// Writes text to standard error without ending the line.
    static func prompt(_ text: String) {
        DescriptorOutput(descriptor: STDERR_FILENO).write(Array(text.utf8))
    }
}
