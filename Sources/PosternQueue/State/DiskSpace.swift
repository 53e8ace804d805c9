import Glibc

/// What a file system has left for those who are not root.
public struct DiskSpace: Hashable, Sendable {
    public var free: Int
    public var octets: Int
    public var freeFiles: Int
    /// How many files it can hold; 0 where it has no such bound, as btrfs.
    public var files: Int

    public init(free: Int, octets: Int, freeFiles: Int, files: Int) {
        self.free = free
        self.octets = octets
        self.freeFiles = freeFiles
        self.files = files
    }

    /// Asks the file system that the path belongs to. May block.
    public init(of path: String) throws(StorageFault) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw .system("statvfs", path) }
        let unit = Int(clamping: status.f_frsize)
        func octets(_ blocks: some BinaryInteger) -> Int {
            let (product, overflow) = Int(clamping: blocks).multipliedReportingOverflow(by: unit)
            return overflow ? .max : product
        }
        self.init(
            free: octets(status.f_bavail), octets: octets(status.f_blocks), freeFiles: Int(clamping: status.f_favail),
            files: Int(clamping: status.f_files))
    }
}
