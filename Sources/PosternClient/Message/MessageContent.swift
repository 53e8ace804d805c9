public import NIOCore
import PosternMail

/// A message as it goes out, header and body, in pieces that are made when they are asked for. Each line ends with CRLF.
///
/// It can be read several times; attachments are then opened anew.
public struct MessageContent: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer

    /// A part of it in the form from which it is made.
    enum Section: Sendable {
        case literal(ByteBuffer)
        /// Text with CRLF.
        case quotedPrintable([UInt8])
        case base64(PartContent)

        var length: Int? {
            switch self {
            case .literal(let octets): octets.readableBytes
            case .quotedPrintable(let text): Self.quotedPrintableLength(of: text)
            case .base64(let content): content.length.map(Base64Lines.length)
            }
        }

        static func quotedPrintableLength(of text: [UInt8]) -> Int {
            var writing = Writing.quotedPrintable(QuotedPrintableEncoder(), text[...])
            var length = 0
            while let piece = writing.nextOfText() { length += piece.readableBytes }
            return length
        }
    }

    let sections: [Section]
    /// In octets; nil if a stream of unknown length is attached.
    public let length: Int?

    init(_ sections: [Section]) {
        self.sections = sections
        var length: Int? = 0
        for section in sections {
            guard let sum = length, let more = section.length else {
                length = nil
                break
            }
            length = sum + more
        }
        self.length = length
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sections[...]) }

    /// All of it, for tests and drafts.
    /// - Throws: what an attachment throws.
    public func collected() async throws -> ByteBuffer {
        var whole = ByteBuffer()
        for try await piece in self { whole.writeImmutableBuffer(piece) }
        return whole
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private var sections: ArraySlice<Section>
        private var writing: Writing?

        init(_ sections: ArraySlice<Section>) {
            self.sections = sections
        }

        /// The next piece, never an empty one; nil at the end.
        /// - Throws: what an attachment throws.
        public mutating func next() async throws -> ByteBuffer? {
            while true {
                if var writing {
                    self.writing = nil
                    let piece = try await writing.next()
                    if piece != nil { self.writing = writing }
                    if let piece, piece.readableBytes > 0 { return piece }
                } else if let section = sections.popFirst() {
                    writing = Writing(section)
                } else {
                    return nil
                }
            }
        }
    }
}

/// A section that is being written.
private enum Writing {
    /// So much of a text is encoded at once.
    private static let pieceLength = 16 * 1024

    case literal(ByteBuffer)
    case quotedPrintable(QuotedPrintableEncoder, ArraySlice<UInt8>)
    case base64(Base64Lines, any AsyncIteratorProtocol<ByteBuffer, any Error>)
    case done

    init(_ section: MessageContent.Section) {
        switch section {
        case .literal(let octets): self = .literal(octets)
        case .quotedPrintable(let text): self = .quotedPrintable(QuotedPrintableEncoder(), text[...])
        case .base64(let content): self = .base64(Base64Lines(), content.makePieces())
        }
    }

    /// Nil at the end; a piece may be empty.
    mutating func next() async throws -> ByteBuffer? {
        guard case .base64(var lines, var pieces) = self else { return nextOfText() }
        if let piece = try await pieces.next() {
            let encoded = lines.encode(piece)
            self = .base64(lines, pieces)
            return encoded
        }
        self = .done
        return lines.finish()
    }

    /// The same for what is in memory.
    mutating func nextOfText() -> ByteBuffer? {
        switch self {
        case .literal(let octets):
            self = .done
            return octets
        case .quotedPrintable(var encoder, var text):
            var encoded: [UInt8] = []
            encoder.encode(text.prefix(Self.pieceLength), into: &encoded)
            text = text.dropFirst(Self.pieceLength)
            if text.isEmpty {
                encoder.finish(into: &encoded)
                self = .done
            } else {
                self = .quotedPrintable(encoder, text)
            }
            return ByteBuffer(bytes: encoded)
        case .base64, .done: return nil
        }
    }
}
