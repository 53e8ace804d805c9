import Glibc

/// The calls for the spool's files, each result checked.
enum SpoolFolder {
    /// Makes a folder, and those above it, and sees to it that they are still there after a power cut.
    static func make(_ path: String) throws(FileFault) {
        if mkdir(path, 0o700) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, let above = above(path) else { throw FileFault("mkdir", path) }
            try make(above)
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFault("mkdir", path) }
        }
        if let above = above(path) { try sync(above) }
    }

    private static func above(_ path: String) -> String? {
        path.lastIndex(of: "/").flatMap { $0 > path.startIndex ? String(path[..<$0]) : nil }
    }

    static func open(_ path: String, _ flags: Int32) throws(FileFault) -> OwnedDescriptor {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFault("open", path) }
        return OwnedDescriptor(descriptor)
    }

    /// The entries of a folder to stable storage.
    static func sync(_ path: String) throws(FileFault) {
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        guard fsync(folder.number) == 0 else { throw FileFault("fsync", path) }
    }

    static func syncData(_ file: OwnedDescriptor, _ path: String) throws(FileFault) {
        guard fdatasync(file.number) == 0 else { throw FileFault("fdatasync", path) }
    }

    static func rename(_ path: String, to target: String) throws(FileFault) {
        guard Glibc.rename(path, target) == 0 else { throw FileFault("rename", path) }
    }

    static func remove(_ path: String) throws(FileFault) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileFault("unlink", path) }
    }

    /// The names in a folder, in their order.
    static func names(in path: String) throws(FileFault) -> [String] {
        guard let folder = opendir(path) else { throw FileFault("opendir", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// A file whose lock was asked for.
    enum Lock {
        case locked(OwnedDescriptor)
        /// Another process has it.
        case held(OwnedDescriptor)
        /// It is no longer the one of that name.
        case gone
    }

    static func lock(_ path: String) throws(FileFault) -> Lock {
        // A pipe of that name must hold nobody up.
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return .gone }
            throw FileFault("open", path)
        }
        let file = OwnedDescriptor(descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return .held(file) }
        var own = stat()
        var named = stat()
        guard fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino,
            own.st_dev == named.st_dev
        else { return .gone }
        return .locked(file)
    }

    /// Whether a process has the lock of a file, which is asked for to find out and given back at once. It is asked for
    /// shared, so that two that look do not see each other.
    static func isHeld(_ file: OwnedDescriptor) -> Bool {
        guard flock(file.number, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(file.number, LOCK_UN)
        return false
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Seconds since a file was changed; nil where there is none.
    static func age(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return time(nil) - status.st_mtim.tv_sec
    }
}
