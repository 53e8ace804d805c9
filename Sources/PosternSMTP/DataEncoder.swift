public import NIOCore
import PosternMail

/// Puts the content of a message into the form that stands behind DATA: every line end is CRLF, a dot at the beginning
/// of a line is doubled, and CRLF, a dot and CRLF end it (RFC 5321 §4.5.2, §2.3.8). What `DataDecoder` reads again.
///
/// For the chunks of BDAT line ends alone are seen to: they are counted, and have neither dots nor an end (RFC 3030 §2).
///
/// A lone CR or LF becomes a whole line end: whatever the queue holds, nothing goes out that another server could take
/// for the end of data.
public struct DataEncoder: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case lineStart
        case inLine
        /// Its CR is not written yet.
        case carriageReturn
    }

    /// Room for what is added to a piece, so that its buffer grows once in nearly all cases.
    private static let spareOctets = 64

    private var state = State.lineStart
    private let framing: DataDecoder.Framing

    public init(_ framing: DataDecoder.Framing = .dots) {
        self.framing = framing
    }

    /// The next octets of content, in pieces of any size. A piece in which nothing is to be changed is given back as it is.
    public mutating func encode(_ piece: ByteBuffer) -> ByteBuffer {
        var encoded = ByteBuffer()
        let isChanged = piece.withUnsafeReadableBytes { octets in
            var ends = LineEnds(in: octets)
            var index = 0
            /// What stands before it is written, or left out.
            var written = 0
            while index < octets.count {
                switch state {
                case .lineStart:
                    if framing == .dots, octets[index] == UInt8(ascii: ".") {
                        encoded.reserveCapacity(minimumWritableBytes: octets.count - written + Self.spareOctets)
                        encoded.writeBytes(UnsafeRawBufferPointer(rebasing: octets[written..<index]))
                        encoded.writeInteger(UInt8(ascii: "."))
                        written = index
                    }
                    state = .inLine
                case .inLine:
                    index = ends.first(from: index)
                    guard index < octets.count else { break }
                    let isReturn = octets[index] == .carriageReturn
                    if isReturn, index + 1 < octets.count, octets[index + 1] == .lineFeed {
                        index += 2
                        state = .lineStart
                        continue
                    }
                    encoded.writeBytes(UnsafeRawBufferPointer(rebasing: octets[written..<index]))
                    if isReturn { index += 1 }
                    written = index
                    state = .carriageReturn
                case .carriageReturn:
                    encoded.writeStaticString("\r\n")
                    if octets[index] == .lineFeed { index += 1 }
                    written = index
                    state = .lineStart
                }
            }
            guard written > 0 || encoded.readableBytes > 0 else { return false }
            encoded.writeBytes(UnsafeRawBufferPointer(rebasing: octets[written...]))
            return true
        }
        return isChanged ? encoded : piece
    }

    /// The end of data, after the end of the last line.
    public consuming func finish() -> ByteBuffer {
        ByteBuffer(string: (state == .lineStart ? "" : "\r\n") + (framing == .dots ? ".\r\n" : ""))
    }
}
