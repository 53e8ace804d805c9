import Glibc

/// The room on the disk of the state folder.
struct FreeSpace {
    /// Octets that this user may still write.
    let free: Int
    /// Octets below which the server is not ready: two of the largest messages, or a twentieth of the disk.
    let reserve: Int

    /// Nil where the system does not say.
    init?(of path: String, largestMessage: Int) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        free = Int(clamping: status.f_bavail) * Int(status.f_frsize)
        reserve = max(2 * largestMessage, Int(clamping: status.f_blocks) * Int(status.f_frsize) / 20)
    }

    var isEnough: Bool { free > reserve }
}
