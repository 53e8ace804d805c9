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

    /// How many connections are taken under a limit: so many as are wished, if there is room for them beside everything
    /// else; at least half of what there is. Who is turned away with 421 knows what to do, which cannot be said of a
    /// delivery or a queue that finds no descriptor.
    static func connections(_ wished: Int, under limit: Int) -> Int {
        max(1, min(wished, max(limit - reserve, limit / 2)))
    }

    /// What is to be said where so many connections cannot be had; nil where they can.
    static func shortage(of limit: Int, connections wished: Int) -> String? {
        let connections = connections(wished, under: limit)
        guard connections < wished else { return nil }
        return """
            limits.connections is \(wished), and only \(connections) are taken: this process may have \(limit) open files, and \
            all of them would take \(wished + reserve); raise the limit (LimitNOFILE= of systemd, the hard limit of a shell: \
            ulimit -H -n), or lower limits.connections
            """
    }
}
