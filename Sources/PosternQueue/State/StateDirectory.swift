import Glibc
import NIOCore
import PosternMail

/// The folder that holds everything the queue must not lose. One process has it at a time.
///
///     STATE/lock           the process that holds it
///     STATE/queue.sqlite   messages, recipients, small bodies
///     STATE/ballast        room that is kept for the end of the queue's messages when the disk is full
///     STATE/bodies/        large bodies
///     STATE/set-aside/     bodies that no message names, found at a start
public final class StateDirectory: Sendable {
    public let path: String
    public let bodies: BodyFolder
    private let lock: Int32

    /// Makes the folder where it is missing, and locks it until the value is let go.
    public init(path: String) throws(StateDirectoryError) {
        self.path = path
        bodies = BodyFolder(path: path + "/bodies")
        do throws(StorageFault) {
            _ = try FileSystem.makeFolder(path)
            // Who made it earlier may have come no further; nothing was accepted then.
            if try FileSystem.length(of: path + "/queue.sqlite") == nil {
                try FileSystem.syncFolder(Self.parent(of: path))
            }
        } catch {
            throw .unusable(error)
        }
        lock = try Self.lock(path + "/lock", state: path)
        do throws(StorageFault) {
            _ = try FileSystem.makeFolder(bodies.path)
            _ = try FileSystem.makeFolder(setAsidePath)
            try FileSystem.syncFolder(path)
        } catch {
            throw .unusable(error)
        }
    }

    deinit {
        // Closing the descriptor ends the lock.
        _ = Glibc.close(lock)
    }

    public var databasePath: String { path + "/queue.sqlite" }
    var setAsidePath: String { path + "/set-aside" }

    private static func lock(_ path: String, state: String) throws(StateDirectoryError) -> Int32 {
        let other: Int32?
        do throws(StorageFault) {
            let descriptor = try FileSystem.open(path, O_RDWR | O_CREAT)
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                try writeNumber(to: descriptor, path)
                return descriptor
            }
            guard errno == EWOULDBLOCK else { throw .system("flock", path) }
            other = try holder(descriptor, path)
            try FileSystem.close(descriptor, path: path)
        } catch {
            throw .unusable(error)
        }
        throw .held(path: state, by: other)
    }

    private static func writeNumber(to descriptor: Int32, _ path: String) throws(StorageFault) {
        guard ftruncate(descriptor, 0) == 0 else { throw .system("ftruncate", path) }
        try FileSystem.write(ByteBuffer(string: "\(getpid())\n"), to: descriptor, path: path)
    }

    private static func holder(_ descriptor: Int32, _ path: String) throws(StorageFault) -> Int32? {
        let octets = try FileSystem.read(descriptor, limit: 16, path: path)
        return Int32(String(decoding: octets.readableBytesView.prefix { $0 != .lineFeed }, as: UTF8.self))
    }

    private static func parent(of path: String) -> String {
        let trimmed = path.last == "/" ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}

/// Why a state folder cannot be used.
public enum StateDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process has it; its number, where the lock file tells. Exit status 75 fits: the other may end.
    case held(path: String, by: Int32?)
    case unusable(StorageFault)

    public var description: String {
        switch self {
        case .held(let path, let process?):
            "\(path) is held by process \(process); stop that one first, or give this one another state folder"
        case .held(let path, nil):
            "\(path) is held by another process; stop that one first, or give this one another state folder"
        case .unusable(let fault):
            "the state folder cannot be used: \(fault)"
        }
    }
}
