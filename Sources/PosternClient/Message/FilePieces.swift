import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The octets of a file, read on threads that may block.
struct FilePieces: AsyncSequence {
    private static let pieceLength = 64 * 1024

    let path: String

    struct AsyncIterator: AsyncIteratorProtocol {
        let path: String
        private var file: OpenFile?

        init(path: String) {
            self.path = path
        }

        mutating func next() async throws -> ByteBuffer? {
            let path = path
            let open = file
            let (file, piece) = try await NIOThreadPool.singleton.runIfActive {
                let file = try open ?? OpenFile(path: path)
                return (file, try file.next(FilePieces.pieceLength))
            }
            self.file = file
            return piece.readableBytes > 0 ? piece : nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(path: path) }

    static func length(of path: String) async throws(MessageError) -> Int {
        do {
            return try await NIOThreadPool.singleton.runIfActive {
                try OpenFile(path: path).length
            }
        } catch let error as MessageError {
            throw error
        } catch {
            throw .unreadableFile(path: path, reason: "\(error)")
        }
    }
}

/// A descriptor that is closed when nobody reads from it any more.
private final class OpenFile: Sendable {
    private let path: String
    private let descriptor: CInt
    let length: Int

    init(path: String) throws(MessageError) {
        // A named pipe would be waited for without O_NONBLOCK.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadableFile(path: path, reason: "it is no file, but a folder or a device")
        }
        self.path = path
        self.descriptor = descriptor
        length = Int(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// The next octets, none at the end.
    func next(_ count: Int) throws(MessageError) -> ByteBuffer {
        var buffer = ByteBuffer()
        var isRead = true
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            var result = read(descriptor, space.baseAddress, count)
            while result < 0, errno == EINTR { result = read(descriptor, space.baseAddress, count) }
            isRead = result >= 0
            return Swift.max(0, result)
        }
        guard isRead else { throw Self.failure(path) }
        return buffer
    }

    private static func failure(_ path: String) -> MessageError {
        .unreadableFile(path: path, reason: String(cString: strerror(errno)))
    }
}
