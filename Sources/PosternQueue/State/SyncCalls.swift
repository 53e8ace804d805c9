/// The two calls on which acceptance rests, so that a test can let each of them fail.
package struct SyncCalls: Sendable {
    /// Octets of an open file, with its path for the error.
    package var file: @Sendable (Int32, String) throws(StorageFault) -> Void
    /// Entries of a folder.
    package var folder: @Sendable (String) throws(StorageFault) -> Void

    package init(
        file: @escaping @Sendable (Int32, String) throws(StorageFault) -> Void,
        folder: @escaping @Sendable (String) throws(StorageFault) -> Void
    ) {
        self.file = file
        self.folder = folder
    }

    package static let system = SyncCalls(
        file: { descriptor, path throws(StorageFault) in try FileSystem.syncData(descriptor, path: path) },
        folder: { path throws(StorageFault) in try FileSystem.syncFolder(path) })
}
