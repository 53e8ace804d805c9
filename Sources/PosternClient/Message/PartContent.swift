public import NIOCore

/// The octets of an attachment or an inline part.
public struct PartContent: Sendable {
    package typealias Pieces = @Sendable () -> any AsyncSequence<ByteBuffer, any Error>

    package enum Source: Sendable {
        case octets(ByteBuffer)
        case pieces(Pieces)
    }

    package let source: Source
    /// In octets; nil where nobody knows before the end.
    public let length: Int?

    public static func octets(_ octets: some Sequence<UInt8>) -> PartContent {
        .octets(ByteBuffer(bytes: octets))
    }

    public static func octets(_ buffer: ByteBuffer) -> PartContent {
        PartContent(source: .octets(buffer), length: buffer.readableBytes)
    }

    public static func text(_ text: String) -> PartContent {
        octets(ByteBuffer(string: text))
    }

    /// A file, of which a piece at a time is in memory while the message is sent. It is opened when its turn comes.
    ///
    /// - Throws: if it is no file that can be read.
    public static func file(_ path: String) async throws(MessageError) -> PartContent {
        let length = try await FilePieces.length(of: path)
        return PartContent(source: .pieces { FilePieces(path: path) }, length: length)
    }

    /// Octets that come when the message is sent, piece by piece; none is asked for before the last was taken.
    ///
    /// - Parameter length: in octets, where it is known; a server may refuse what is too large before it is sent.
    /// - Parameter open: called each time when the message is written, so that it can be sent again; a failure of the
    ///   sequence ends the sending, and no server takes the half of a message for the whole.
    public static func stream<Octets: AsyncSequence & SendableMetatype>(
        length: Int? = nil, _ open: @escaping @Sendable () -> Octets
    ) -> PartContent where Octets.Element == ByteBuffer {
        PartContent(source: .pieces { ErasedPieces(open()) }, length: length)
    }
}

/// Any sequence as one that fails with any error.
private struct ErasedPieces<Base: AsyncSequence & SendableMetatype>: AsyncSequence where Base.Element == ByteBuffer {
    struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator

        mutating func next() async throws -> ByteBuffer? { try await base.next() }
    }

    let base: Base

    init(_ base: Base) {
        self.base = base
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator()) }
}

extension PartContent {
    func makePieces() -> any AsyncIteratorProtocol<ByteBuffer, any Error> {
        switch source {
        case .octets(let octets): OctetPieces(rest: octets)
        case .pieces(let open): open().makeAsyncIterator()
        }
    }
}

/// What is in memory, so that no large copy of it is made.
private struct OctetPieces: AsyncIteratorProtocol {
    private static let length = 64 * 1024

    var rest: ByteBuffer

    mutating func next() async throws -> ByteBuffer? {
        rest.readableBytes > 0 ? rest.readSlice(length: min(Self.length, rest.readableBytes)) : nil
    }
}
