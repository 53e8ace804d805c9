import Glibc
public import PosternMail
import Synchronization

/// A body in a file of its own, complete and not yet on stable storage.
///
/// The descriptor that wrote it stays open until the writer has synced it: an error of writing back is reported to
/// those who had the file open when it happened, and to nobody who opens it later. A file that is let go without a
/// commit is removed.
public final class BodyFile: Sendable {
    public let id: QueueID
    public let path: String
    /// In octets.
    public let length: Int
    /// Nil once it is closed.
    private let descriptor: Mutex<Int32?>

    init(id: QueueID, path: String, length: Int, descriptor: Int32) {
        self.id = id
        self.path = path
        self.length = length
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        discard()
    }

    /// Closes and removes the file; after it was synced, does nothing.
    public func discard() {
        guard let descriptor = takeDescriptor() else { return }
        // Nothing depends on these octets; what cannot be removed is found and set aside at the next start.
        _ = Glibc.close(descriptor)
        _ = unlink(path)
    }

    /// Brings the octets to stable storage and closes the file, which from now on belongs to the store.
    func sync(_ calls: SyncCalls) throws(QueueError) {
        guard let descriptor = takeDescriptor() else { throw .bodyClosed(id) }
        do {
            try calls.file(descriptor, path)
        } catch {
            _ = Glibc.close(descriptor)
            throw .failed(error)
        }
        do {
            try FileSystem.close(descriptor, path: path)
        } catch {
            throw .failed(error)
        }
    }

    private func takeDescriptor() -> Int32? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }
}
