import Glibc

/// The system's words for why a call failed.
enum SystemError {
    /// For the newest failure on this thread.
    static var text: String { text(errno) }

    static func text(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
