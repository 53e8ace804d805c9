public import NIOCore
public import PosternMail

/// The octets of a message in the queue.
public enum StoredBody: Hashable, Sendable {
    case inline(ByteBuffer)
    /// A file that stays while the claim lasts.
    case file(id: QueueID, path: String, length: Int)

    /// Opens it for one reading from the start.
    /// - Throws: `QueueError.damaged` if the file is gone, `QueueError.failed`.
    public func reader() throws(QueueError) -> BodyReader {
        switch self {
        case .inline(let octets): BodyReader(octets)
        case .file(let id, let path, let length): try BodyReader(id: id, path: path, length: length)
        }
    }
}
