import Glibc
import Logging

/// How many files and connections the process may have open at once (`RLIMIT_NOFILE`).
enum OpenFileLimit {
    /// What the process needs besides its connections: bodies and deliveries under way, the queue's own files.
    private static let reserve = 264

    /// Raises the limit to what the system allows; the soft limit of 1,024 is for programs that still use select(2).
    /// - Returns: the limit now.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        var wanted = limit
        wanted.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0 { limit = wanted }
        return Int(clamping: limit.rlim_cur)
    }

    /// What is to be said where so many connections cannot be had; nil where they can.
    static func shortage(of limit: Int, connections: Int) -> String? {
        guard limit < connections + reserve else { return nil }
        return """
            limits.connections is \(connections), which takes up to \(connections + reserve) open files, and this process may \
            have \(limit): raise the limit (LimitNOFILE= of systemd, ulimit -n of a shell), or lower limits.connections
            """
    }
}
