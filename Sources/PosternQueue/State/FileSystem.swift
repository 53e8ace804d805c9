package import Glibc
package import NIOCore

/// The system's file calls with every result checked. No Foundation: its atomic write does not sync the folder.
package enum FileSystem {
    package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(StorageFault) -> Int32 {
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw .system("open", path) }
        }
    }

    /// Writes all of it, however many calls that takes.
    package static func write(_ octets: ByteBuffer, to descriptor: Int32, path: String) throws(StorageFault) {
        try octets.withUnsafeReadableBytes { (octets) throws(StorageFault) in
            var rest = octets[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count == 0 {
                    // No octet and no error is what a full device may answer; trying for ever would be worse.
                    throw StorageFault(operation: "write", path: path, code: ENOSPC)
                } else if errno != EINTR {
                    throw .system("write", path)
                }
            }
        }
    }

    /// Reads at most `limit` octets; none at the end of the file.
    package static func read(_ descriptor: Int32, limit: Int, path: String) throws(StorageFault) -> ByteBuffer {
        var octets = ByteBuffer()
        while true {
            var code: Int32 = 0
            octets.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { pointer in
                let count = Glibc.read(descriptor, pointer.baseAddress, min(limit, pointer.count))
                if count < 0 { code = errno }
                return max(0, count)
            }
            if code == 0 { return octets }
            if code != EINTR { throw StorageFault(operation: "read", path: path, code: code) }
        }
    }

    /// Lets the disk begin with what a later sync will wait for: half as many more messages of 1 MiB a second
    /// (measured). Linux begins to write when it hears that a cache is not needed, and keeps what is being written.
    /// The result says nothing; an error is the sync's to report.
    static func startWritingBack(_ descriptor: Int32) {
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    /// The octets of a file and its length to stable storage. Never call it again after an error: the kernel may have
    /// dropped what it could not write, and the second call may succeed.
    package static func syncData(_ descriptor: Int32, path: String) throws(StorageFault) {
        if fdatasync(descriptor) != 0 { throw .system("fdatasync", path) }
    }

    /// A file or a folder with everything that belongs to it to stable storage. As with `syncData`, once.
    package static func sync(_ descriptor: Int32, path: String) throws(StorageFault) {
        if fsync(descriptor) != 0 { throw .system("fsync", path) }
    }

    /// Writes the octets of a file again, in their places, and syncs them; does nothing where there is no file.
    ///
    /// For what another process has left: if a sync of it failed, the kernel shows octets that are not on the disk and that
    /// it will not write any more, and a sync of them succeeds all the same.
    package static func writeAgain(_ path: String) throws(StorageFault) {
        guard try length(of: path) ?? 0 > 0 else { return }
        let source = try open(path, O_RDONLY)
        defer { _ = Glibc.close(source) }
        let target = try open(path, O_WRONLY)
        do {
            while true {
                let octets = try read(source, limit: 1 << 20, path: path)
                if octets.readableBytes == 0 { break }
                try write(octets, to: target, path: path)
            }
            try syncData(target, path: path)
        } catch {
            _ = Glibc.close(target)
            throw error
        }
        try close(target, path: path)
    }

    /// The entries of a folder to stable storage.
    package static func syncFolder(_ path: String) throws(StorageFault) {
        let descriptor = try open(path, O_RDONLY | O_DIRECTORY)
        do {
            try sync(descriptor, path: path)
        } catch {
            // The sync's error is the one that counts.
            _ = Glibc.close(descriptor)
            throw error
        }
        try close(descriptor, path: path)
    }

    package static func close(_ descriptor: Int32, path: String) throws(StorageFault) {
        // On Linux the descriptor is free even after EINTR, so it is never closed twice.
        if Glibc.close(descriptor) != 0, errno != EINTR { throw .system("close", path) }
    }

    /// - Returns: whether it was made now; false if there was one.
    package static func makeFolder(_ path: String, mode: mode_t = 0o700) throws(StorageFault) -> Bool {
        if mkdir(path, mode) == 0 { return true }
        guard errno == EEXIST else { throw .system("mkdir", path) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("stat", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StorageFault(operation: "mkdir", path: path, code: ENOTDIR)
        }
        return false
    }

    package static func rename(_ path: String, to target: String) throws(StorageFault) {
        if Glibc.rename(path, target) != 0 { throw .system("rename", path) }
    }

    /// - Returns: whether there was such a file.
    @discardableResult
    package static func remove(_ path: String) throws(StorageFault) -> Bool {
        if unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw .system("unlink", path)
    }

    /// The length of a file in octets; nil if there is none.
    package static func length(of path: String) throws(StorageFault) -> Int? {
        var status = stat()
        if stat(path, &status) == 0 { return Int(status.st_size) }
        if errno == ENOENT { return nil }
        throw .system("stat", path)
    }

    /// The names in a folder, without `.` and `..`, in no order.
    package static func names(in path: String) throws(StorageFault) -> [String] {
        guard let folder = opendir(path) else { throw .system("opendir", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            // readdir tells its end from an error by errno alone.
            errno = 0
            guard let entry = readdir(folder) else {
                if errno != 0 { throw .system("readdir", path) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}

extension StorageFault {
    /// The fault of the call that has just failed, from errno.
    static func system(_ operation: String, _ path: String) -> StorageFault {
        StorageFault(operation: operation, path: path, code: errno)
    }

    package init(operation: String, path: String, code: Int32) {
        self.init(operation: operation, path: path, code: code, reason: String(cString: strerror(code)))
    }

    /// Whether the disk, the quota, the inodes or the file descriptors are used up: nothing is broken, and there may be
    /// room again while we run.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT || concernsDescriptors }

    var concernsDescriptors: Bool { code == EMFILE || code == ENFILE }
}

extension QueueError {
    /// The error for a system call that failed.
    package init(_ fault: StorageFault) {
        self = fault.isFull ? .full(fault) : .failed(fault)
    }
}
