import Glibc
import Synchronization

/// The folder that holds everything the queue must not lose. One process has it at a time.
///
///     STATE/lock           the process that holds it
///     STATE/queue.sqlite   messages, recipients, small bodies
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
        do {
            if try FileSystem.makeFolder(path) { try FileSystem.syncFolder(Self.parent(of: path)) }
            lock = try Self.lock(path + "/lock", state: path)
            _ = try FileSystem.makeFolder(bodies.path)
            _ = try FileSystem.makeFolder(path + "/set-aside")
            try FileSystem.syncFolder(path)
        } catch let fault as StorageFault {
            throw .unusable(fault)
        } catch let error as StateDirectoryError {
            throw error
        } catch {
            throw .unusable(StorageFault(operation: "open", path: path, code: EIO))
        }
    }

    deinit {
        // Closing the descriptor ends the lock.
        _ = Glibc.close(lock)
    }

    public var databasePath: String { path + "/queue.sqlite" }
    var setAsidePath: String { path + "/set-aside" }

    private static func lock(_ path: String, state: String) throws -> Int32 {
        let descriptor = try FileSystem.open(path, O_RDWR | O_CREAT)
        do {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                guard errno == EWOULDBLOCK else { throw StorageFault.system("flock", path) }
                throw StateDirectoryError.held(path: state, by: try holder(descriptor, path))
            }
            guard ftruncate(descriptor, 0) == 0 else { throw StorageFault.system("ftruncate", path) }
            try Array("\(getpid())\n".utf8).withUnsafeBytes { octets in
                try FileSystem.write(octets, to: descriptor, path: path)
            }
            return descriptor
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    private static func holder(_ descriptor: Int32, _ path: String) throws -> Int32? {
        var digits = [UInt8](repeating: 0, count: 16)
        let count = try digits.withUnsafeMutableBytes { try FileSystem.read(descriptor, into: $0, path: path) }
        return Int32(String(decoding: digits.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self))
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
