import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Octets in memory, in pieces.
final class ContentSlices: Sendable {
    /// So large that a system call costs little of it, and small beside a connection's buffers.
    static let pieceSize = 128 * 1024

    private let rest: Mutex<ByteBuffer>

    init(_ octets: ByteBuffer) { rest = Mutex(octets) }

    func next() -> BodyPiece {
        rest.withLock { rest in
            guard let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceSize)),
                piece.readableBytes > 0
            else { return .end }
            return rest.readableBytes > 0 ? .octets(piece) : .last(piece)
        }
    }
}

/// A file, read on threads that may block.
final actor ContentFile {
    private let path: String
    private var descriptor: Int32?

    init(_ path: String) { self.path = path }

    deinit {
        if let descriptor { close(descriptor) }
    }

    func next() async -> BodyPiece {
        do {
            let piece = try await read()
            guard piece.readableBytes > 0 else { return .end }
            return .octets(piece)
        } catch {
            return .unreadable(reason: "\(error)")
        }
    }

    static func scan(_ path: String) async throws(ContentFault) -> ContentScan {
        let file = ContentFile(path)
        var scan = ContentScan()
        while true {
            let piece = try await file.read()
            guard piece.readableBytes > 0 else { break }
            scan.read(piece)
        }
        scan.end()
        return scan
    }

    /// Empty at the end.
    func read() async throws(ContentFault) -> ByteBuffer {
        let (path, descriptor) = (path, descriptor)
        do {
            let (piece, opened) = try await NIOThreadPool.singleton.runIfActive { () -> (ByteBuffer, Int32) in
                let descriptor = try descriptor ?? Self.open(path)
                do {
                    return (try Self.read(descriptor, path), descriptor)
                } catch {
                    close(descriptor)
                    throw error
                }
            }
            self.descriptor = opened
            return piece
        } catch let fault as ContentFault {
            self.descriptor = nil
            throw fault
        } catch {
            throw ContentFault("\(path): \(error)")
        }
    }

    private static func open(_ path: String) throws(ContentFault) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ContentFault("\(path): \(String(cString: strerror(errno)))") }
        return descriptor
    }

    private static func read(_ descriptor: Int32, _ path: String) throws(ContentFault) -> ByteBuffer {
        var piece = ByteBuffer()
        var failure: Int32 = 0
        piece.writeWithUnsafeMutableBytes(minimumWritableBytes: ContentSlices.pieceSize) { memory in
            while true {
                let count = Glibc.read(descriptor, memory.baseAddress, ContentSlices.pieceSize)
                if count >= 0 { return count }
                guard errno == EINTR else {
                    failure = errno
                    return 0
                }
            }
        }
        guard failure == 0 else { throw ContentFault("\(path): \(String(cString: strerror(failure)))") }
        return piece
    }
}

/// Pieces that somebody else makes.
final actor ContentStream<Pieces: AsyncSequence & Sendable> where Pieces.Element == ByteBuffer {
    private var iterator: Pieces.AsyncIterator?

    init(_ pieces: Pieces) { iterator = pieces.makeAsyncIterator() }

    func next() async -> BodyPiece {
        guard var current = iterator else { return .end }
        iterator = nil
        do {
            while let piece = try await current.next(isolation: self) {
                // An empty piece is no end, and asks for nothing of the machine.
                guard piece.readableBytes > 0 else { continue }
                iterator = current
                return .octets(piece)
            }
            return .end
        } catch {
            return .unreadable(reason: "\(error)")
        }
    }
}
