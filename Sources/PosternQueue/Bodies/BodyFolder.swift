public import PosternMail

/// The folder in which bodies stand that are too large for a row, each named by its queue id.
public struct BodyFolder: Sendable {
    public let path: String

    package init(path: String) {
        self.path = path
    }

    /// A writer for the body of a message that begins to arrive.
    public func writer(for id: QueueID) -> BodyWriter {
        BodyWriter(id: id, path: path(of: id))
    }

    func path(of id: QueueID) -> String { "\(path)/\(id)" }

    /// The ids for which there is a file.
    func ids() throws(StorageFault) -> [QueueID] {
        try FileSystem.names(in: path).compactMap(QueueID.init)
    }

    func remove(_ id: QueueID) throws(StorageFault) {
        try FileSystem.remove(path(of: id))
    }
}
