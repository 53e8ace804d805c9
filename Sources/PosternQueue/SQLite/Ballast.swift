import Glibc
import Synchronization

/// Octets that are kept of the disk for the moment when it is full. Without them nothing could be said any more of the
/// messages that leave the queue, and so none could leave it: each such word is written to the log first.
final class Ballast: Sendable {
    private let path: String
    private let octets: Int
    private let inPlace = Atomic(false)

    init(path: String, octets: Int) {
        self.path = path
        self.octets = octets
    }

    /// Whether the octets are kept. Where they are not they are taken, if as many again are left.
    func isKept() -> Bool {
        if inPlace.load(ordering: .relaxed) { return true }
        guard fill() else { return false }
        inPlace.store(true, ordering: .relaxed)
        return true
    }

    func drop() {
        inPlace.store(false, ordering: .relaxed)
        _ = unlink(path)
    }

    private func fill() -> Bool {
        // One of an earlier process may be there, whole or not.
        if (try? FileSystem.length(of: path)) == octets { return true }
        _ = unlink(path)
        guard let space = try? DiskSpace(of: folder), space.free > 2 * octets,
            let descriptor = try? FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL)
        else { return false }
        let isFilled = posix_fallocate(descriptor, 0, off_t(octets)) == 0
        _ = Glibc.close(descriptor)
        if !isFilled { _ = unlink(path) }
        return isFilled
    }

    private var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
}
