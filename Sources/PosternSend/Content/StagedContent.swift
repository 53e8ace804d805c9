import Glibc
import NIOCore
public import PosternClient
import PosternMail

/// A message's content that has been read whole, so that it can be sent, kept, and sent again.
public struct StagedContent: Sendable {
    enum Source: Sendable {
        case memory([UInt8])
        /// From a place of a file to its end.
        case file(OwnedDescriptor, offset: Int)
    }

    let source: Source
    /// Octets as they are.
    public let count: Int
    let wireLength: Int
    public let isEightBit: Bool
    let hasInternationalHeader: Bool

    init(_ source: Source, _ scan: ContentScan, hasInternationalHeader: Bool) {
        self.source = source
        count = scan.count
        wireLength = scan.length
        isEightBit = scan.isEightBit
        self.hasInternationalHeader = hasInternationalHeader
    }

    init(_ source: Source, of message: SpooledMessage) {
        self.source = source
        count = message.count
        wireLength = message.wireLength
        isEightBit = message.envelope.body == .eightBit
        hasInternationalHeader = message.hasInternationalHeader
    }

    /// For the client.
    public var submission: SubmissionContent {
        // Its last piece and the end go out together, which a stream does not know before.
        if case .memory(let octets) = source {
            var content = SubmissionContent(octets)
            content.hasInternationalHeader = hasInternationalHeader
            return content
        }
        return SubmissionContent(
            stream: Pieces(content: self), length: wireLength, isEightBit: isEightBit,
            hasInternationalHeader: hasInternationalHeader, isRepeatable: true)
    }

    /// The octets at a place, at most 128 KiB; none at the end.
    func piece(at offset: Int) throws(FileFault) -> ByteBuffer {
        let length = min(Self.pieceSize, count - offset)
        guard length > 0 else { return ByteBuffer() }
        switch source {
        case .memory(let octets):
            return ByteBuffer(bytes: octets[offset..<(offset + length)])
        case .file(let descriptor, let start):
            return ByteBuffer(bytes: try descriptor.read(length, at: start + offset))
        }
    }

    private static let pieceSize = 128 * 1024

    /// The content piece by piece.
    struct Pieces: AsyncSequence, Sendable {
        let content: StagedContent

        struct AsyncIterator: AsyncIteratorProtocol {
            let content: StagedContent
            var offset = 0

            mutating func next() async throws -> ByteBuffer? {
                guard offset < content.count else { return nil }
                let piece = try content.piece(at: offset)
                // Less than what was staged would be taken for the whole message.
                guard piece.readableBytes > 0 else { throw ContentShort() }
                offset += piece.readableBytes
                return piece
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(content: content) }
    }

    struct ContentShort: Error, CustomStringConvertible {
        let description = "the file of the message has become shorter"
    }
}

/// Takes content in, in memory up to 1 MiB and beyond that in a file that has no name.
struct ContentStage {
    private var memory: [UInt8] = []
    private var file: OwnedDescriptor?
    private var scan = ContentScan()
    private var hasInternationalHeader = false
    private let folder: String

    static let memoryLimit = 1 << 20

    /// - Parameter folder: where the file is made, if it takes one.
    init(folder: String) {
        self.folder = folder
    }

    /// - Parameter header: the octets that end with the header.
    mutating func begin(header: [UInt8]) throws(FileFault) {
        hasInternationalHeader = header.contains { $0 > 127 }
        try append(header)
    }

    mutating func append(_ octets: [UInt8]) throws(FileFault) {
        octets.withUnsafeBytes { scan.read($0) }
        if file == nil, memory.count + octets.count > Self.memoryLimit {
            let made = try nameless()
            try made.write(memory)
            memory = []
            file = made
        }
        if let file {
            try file.write(octets)
        } else {
            memory += octets
        }
    }

    consuming func finish() -> StagedContent {
        scan.end()
        let source = file.map { StagedContent.Source.file($0, offset: 0) } ?? .memory(memory)
        return StagedContent(source, scan, hasInternationalHeader: hasInternationalHeader)
    }

    /// A file that goes with its last descriptor, whatever becomes of the process; where the file system knows none, one
    /// whose name goes at once.
    private func nameless() throws(FileFault) -> OwnedDescriptor {
        // O_TMPFILE, which Glibc's module does not name: __O_TMPFILE | O_DIRECTORY.
        let descriptor = open(folder, 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return OwnedDescriptor(descriptor) }
        var path = Array("\(folder)/postern-XXXXXX".utf8CString)
        let named = mkstemp(&path)
        guard named >= 0 else { throw FileFault("mkstemp", folder) }
        _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        unlink(path)
        return OwnedDescriptor(named)
    }
}
