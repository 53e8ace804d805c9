#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a file holds.
public enum FileContents {
    /// Why a file cannot be read, in the system's words.
    public struct Failure: Error {
        public let reason: String
    }

    /// The octets of a file: at most one more than `limit`, which is enough to tell that it is too large.
    public static func of(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let descriptor = try openWithoutWaiting(path)
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while octets.count <= limit {
            let count = fill(&chunk, from: descriptor)
            if count == 0 { break }
            guard count > 0 else { throw failure() }
            octets += chunk.prefix(count)
        }
        return Array(octets.prefix(limit + 1))
    }

    /// A FIFO that nobody writes to is an empty file, instead of one that is waited for without end. What stands behind
    /// `<(…)` of a shell is a FIFO too, and its writer is waited for.
    private static func openWithoutWaiting(_ path: String) throws(Failure) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure() }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) >= 0 else {
            defer { close(descriptor) }
            throw failure()
        }
        return descriptor
    }

    private static func fill(_ chunk: inout [UInt8], from descriptor: Int32) -> Int {
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 || errno != EINTR { return count }
        }
    }

    private static func failure() -> Failure {
        Failure(reason: strerror(errno).map { String(cString: $0) } ?? "error \(errno)")
    }
}
