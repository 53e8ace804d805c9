import Glibc
public import NIOCore
public import PosternMail
import Synchronization

/// Takes in the octets of one message as they arrive: in memory up to `MessageBody.inlineLimit`, beyond it in a file.
///
/// Nothing here is synced; `QueueWriter` does that once for many. `append` may block: call it off the event loops.
/// One call at a time; a writer that is let go unfinished removes its file.
public final class BodyWriter: Sendable {
    private enum State {
        case memory(ByteBuffer)
        case file(descriptor: Int32, length: Int)
        /// The first error; the file is gone. What still arrives is refused with it.
        case failed(QueueError)
        case closed
    }

    public let id: QueueID
    private let path: String
    private let state = Mutex(State.memory(ByteBuffer()))

    /// - Parameter path: where the file is made, if one is needed.
    init(id: QueueID, path: String) {
        self.id = id
        self.path = path
    }

    deinit {
        discard()
    }

    /// Takes the octets if they fit into memory, and never blocks.
    /// - Returns: whether they were taken; if not, hand them to `append`.
    public func appendInMemory(_ octets: ByteBuffer) -> Bool {
        state.withLock { state in
            guard case .memory(var held) = state, held.readableBytes + octets.readableBytes <= MessageBody.inlineLimit
            else { return false }
            state = .closed
            held.writeImmutableBuffer(octets)
            state = .memory(held)
            return true
        }
    }

    /// Takes the octets, into a file where they exceed what memory may hold.
    /// - Throws: `QueueError.full` or `.failed`, then and at each later call; `.bodyClosed`.
    public func append(_ octets: ByteBuffer) throws(QueueError) {
        if appendInMemory(octets) { return }
        try state.withLock { (state) throws(QueueError) in
            switch state {
            case .memory, .file:
                do throws(StorageFault) {
                    try write(octets, to: &state)
                } catch {
                    throw fail(with: QueueError(error), &state)
                }
            case .failed(let error):
                throw error
            case .closed:
                throw .bodyClosed(id)
            }
        }
    }

    /// The whole body, if it is in memory; the writer takes nothing after it. Never blocks.
    /// - Returns: nil where a file, or an error, is `finish`'s to hand out.
    public func finishInMemory() -> MessageBody? {
        state.withLock { state in
            guard case .memory(let held) = state else { return nil }
            state = .closed
            return .inline(held)
        }
    }

    /// The whole body. The writer takes nothing after it. May block if the body is in a file.
    /// - Throws: the error of an earlier `append`, or `QueueError.bodyClosed`.
    public func finish() throws(QueueError) -> MessageBody {
        try state.withLock { (state) throws(QueueError) in
            switch state {
            case .memory(let held):
                state = .closed
                return .inline(held)
            case .file(let descriptor, let length):
                state = .closed
                FileSystem.startWritingBack(descriptor)
                return .file(BodyFile(id: id, path: path, length: length, descriptor: descriptor))
            case .failed(let error):
                throw error
            case .closed:
                throw .bodyClosed(id)
            }
        }
    }

    /// Forgets everything; a file is removed. After `finish` it does nothing: the body is the caller's.
    public func discard() {
        state.withLock { state in
            if case .file(let descriptor, _) = state { remove(descriptor) }
            state = .closed
        }
    }

    private func write(_ octets: ByteBuffer, to state: inout State) throws(StorageFault) {
        if case .memory(let held) = state {
            let descriptor = try FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            state = .file(descriptor: descriptor, length: 0)
            try write(held, to: &state)
        }
        guard case .file(let descriptor, let length) = state else { return }
        try FileSystem.write(octets, to: descriptor, path: path)
        state = .file(descriptor: descriptor, length: length + octets.readableBytes)
    }

    private func fail(with error: QueueError, _ state: inout State) -> QueueError {
        if case .file(let descriptor, _) = state { remove(descriptor) }
        state = .failed(error)
        return error
    }

    // Nothing depends on these octets: a file that cannot be removed is found and set aside at the next start.
    private func remove(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
        _ = unlink(path)
    }
}
