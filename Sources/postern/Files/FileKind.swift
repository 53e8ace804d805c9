import Glibc

/// What stands at a path.
enum FileKind {
    case nothing
    case folder
    /// A file, a device, a socket.
    case other

    /// A folder that cannot be looked into counts as nothing: whoever opens it is told why.
    static func of(_ path: String) -> FileKind {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOTDIR ? .other : .nothing }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
    }
}
