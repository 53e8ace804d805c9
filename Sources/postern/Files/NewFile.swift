import ArgumentParser
import Glibc

/// Making files and folders without writing over one.
enum NewFile {
    /// Makes a file with this content.
    /// - Parameter mode: its permissions; the umask may take some of them.
    static func create(_ path: String, _ octets: some Sequence<UInt8>, mode: mode_t) throws(NewFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else {
            throw errno == EEXIST ? .exists(path) : .failed(path, reason: SystemError.text)
        }
        defer { close(descriptor) }
        guard DescriptorOutput(descriptor: descriptor).write(Array(octets)), fsync(descriptor) == 0 else {
            let error = NewFileError.failed(path, reason: SystemError.text)
            unlink(path)
            throw error
        }
    }

    static func create(_ path: String, _ text: String, mode: mode_t) throws(NewFileError) {
        try create(path, text.utf8, mode: mode)
    }

    /// Makes a folder, and those above it, where they are missing.
    static func makeFolder(_ path: String, mode: mode_t) throws(NewFileError) {
        if mkdir(path, mode) == 0 { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeFolder(String(path[..<slash]), mode: mode)
            if mkdir(path, mode) == 0 { return }
        }
        guard errno == EEXIST, isFolder(path) else { throw .failed(path, reason: SystemError.text) }
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether a folder holds nothing.
    static func isEmpty(_ path: String) throws(NewFileError) -> Bool {
        guard let folder = opendir(path) else { throw .failed(path, reason: SystemError.text) }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // The folder itself and the one above it.
        return count <= 2
    }

    /// Removes files of our own, where they are there.
    static func remove(_ paths: [String]) {
        for path in paths { unlink(path) }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        if status.st_mode & S_IFMT == S_IFDIR { return true }
        errno = ENOTDIR
        return false
    }
}

/// Why a file was not made.
enum NewFileError: CommandError {
    case exists(String)
    case failed(String, reason: String)

    var description: String {
        switch self {
        case .exists(let path): "\(path) is there already and is not written over: move it away, or choose another name"
        case .failed(let path, let reason): "\(path) cannot be made: \(reason)"
        }
    }

    var status: ExitCode { .cannotCreate }
}
