import Glibc
public import NIOCore
import PosternMail

/// Reads a body piece by piece. Blocks, if the body is a file.
public struct BodyReader: ~Copyable {
    private enum Source {
        case memory(ByteBuffer)
        case file(descriptor: Int32, id: QueueID, path: String, length: Int)
        case ended
    }

    static let pieceLength = 64 * 1024

    private var source: Source
    private var count = 0

    init(_ octets: ByteBuffer) {
        source = .memory(octets)
    }

    init(id: QueueID, path: String, length: Int) throws(QueueError) {
        do {
            let descriptor = try FileSystem.open(path, O_RDONLY)
            source = .file(descriptor: descriptor, id: id, path: path, length: length)
        } catch {
            throw error.code == ENOENT ? .damaged(id, .bodyMissing(path: path)) : .failed(error)
        }
    }

    deinit {
        // Nothing was written through it, so its closing cannot lose anything.
        if case .file(let descriptor, _, _, _) = source { _ = Glibc.close(descriptor) }
    }

    /// The next octets; nil at the end.
    /// - Throws: `QueueError.damaged` at the end of a file that is not as long as what was accepted, or `.failed`.
    public mutating func next() throws(QueueError) -> ByteBuffer? {
        switch source {
        case .memory(let octets):
            source = .ended
            return octets
        case .file(let descriptor, let id, let path, let length):
            let piece = try Self.read(descriptor, path)
            count += piece.readableBytes
            if piece.readableBytes > 0, count <= length { return piece }
            if count != length { throw .damaged(id, .bodyLength(expected: length, found: count)) }
            return nil
        case .ended:
            return nil
        }
    }

    private static func read(_ descriptor: Int32, _ path: String) throws(QueueError) -> ByteBuffer {
        do {
            return try FileSystem.read(descriptor, limit: pieceLength, path: path)
        } catch {
            throw .failed(error)
        }
    }
}
