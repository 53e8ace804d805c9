public import NIOCore

/// The content of a message, header and body. On the wire every line end becomes CRLF, whatever it was (RFC 5321 §2.3.8),
/// and the last line has one.
public struct SubmissionContent: Sendable {
    /// Octets with each line end counted as two (RFC 1870 §5); nil where it is not known before the end.
    public let length: Int?
    /// Whether there are octets above 127 (RFC 6152).
    public let isEightBit: Bool
    /// Whether there are such octets in the header (RFC 6532), which only SMTPUTF8 allows. Whoever knows that a server takes
    /// them all the same, as old programs send them, may say false.
    public var hasInternationalHeader: Bool
    /// Whether it can be read more than once.
    let isRepeatable: Bool
    /// Begins to read: each call of the result gives the next piece.
    let open: @Sendable () -> @Sendable () async -> BodyPiece

    init(_ scan: ContentScan, open: @escaping @Sendable () -> @Sendable () async -> BodyPiece) {
        length = scan.length
        isEightBit = scan.isEightBit
        hasInternationalHeader = scan.hasInternationalHeader
        isRepeatable = true
        self.open = open
    }

    public init(_ octets: ByteBuffer) {
        var scan = ContentScan()
        scan.read(octets)
        scan.end()
        self.init(scan) {
            let pieces = ContentSlices(octets)
            return { pieces.next() }
        }
    }

    public init(_ octets: some Sequence<UInt8>) {
        self.init(ByteBuffer(bytes: octets))
    }

    /// A file, which is looked through once now, and read again when it is sent.
    /// - Throws: `ContentFault` if it cannot be read.
    public init(file path: String) async throws(ContentFault) {
        let scan = try await ContentFile.scan(path)
        self.init(scan) {
            let file = ContentFile(path)
            return { await file.next() }
        }
    }

    /// Pieces that come as they are made, of which no more than two are in memory.
    /// - Parameters:
    ///   - length: see `length`.
    ///   - isRepeatable: whether they can be read more than once, and are the same each time.
    ///   - isEightBit: true where it is not known. A server that does not offer 8BITMIME then gets nothing.
    public init<Pieces: AsyncSequence & Sendable>(
        stream pieces: Pieces, length: Int? = nil, isEightBit: Bool = true, hasInternationalHeader: Bool = false,
        isRepeatable: Bool = false
    ) where Pieces.Element == ByteBuffer {
        self.length = length
        self.isEightBit = isEightBit
        self.hasInternationalHeader = hasInternationalHeader
        self.isRepeatable = isRepeatable
        open = {
            let stream = ContentStream(pieces)
            return { await stream.next() }
        }
    }
}

/// Why content cannot be read.
public struct ContentFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
