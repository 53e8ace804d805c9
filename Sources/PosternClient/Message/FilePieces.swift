import Glibc
import NIOCore
import NIOPosix

/// The octets of a file, read on threads that may block.
struct FilePieces: AsyncSequence {
    let path: String

    struct AsyncIterator: AsyncIteratorProtocol {
        let path: String
        let file: ContentFile
        private var isOver = false

        init(path: String) {
            self.path = path
            file = ContentFile(path)
        }

        mutating func next() async throws -> ByteBuffer? {
            guard !isOver else { return nil }
            switch await file.next() {
            case .octets(let piece): return piece
            case .last(let piece):
                isOver = true
                return piece
            case .end: return nil
            case .unreadable(let reason): throw MessageError.unreadableFile(path: path, reason: reason)
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(path: path) }

    /// In octets.
    static func length(of path: String) async throws(MessageError) -> Int {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try lengthAtOnce(of: path) }
        } catch let error as MessageError {
            throw error
        } catch {
            throw .unreadableFile(path: path, reason: "\(error)")
        }
    }

    private static func lengthAtOnce(of path: String) throws(MessageError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadableFile(path: path, reason: "it is no file, but a folder or a device")
        }
        return Int(status.st_size)
    }
}
