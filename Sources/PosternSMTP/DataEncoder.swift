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

    private var state = State.lineStart
    private let framing: DataDecoder.Framing

    public init(_ framing: DataDecoder.Framing = .dots) {
        self.framing = framing
    }

    /// The next octets of content, in pieces of any size.
    public mutating func encode(_ piece: ByteBuffer) -> ByteBuffer {
        var encoded = ByteBuffer()
        encoded.reserveCapacity(piece.readableBytes + piece.readableBytes / 32 + 4)
        piece.withUnsafeReadableBytes { octets in
            var index = 0
            while index < octets.count {
                switch state {
                case .lineStart:
                    if framing == .dots, octets[index] == UInt8(ascii: ".") { encoded.writeInteger(UInt8(ascii: ".")) }
                    state = .inLine
                case .inLine:
                    let end = octets.firstLineEnd(from: index)
                    encoded.writeBytes(UnsafeRawBufferPointer(rebasing: octets[index..<end]))
                    index = end
                    guard index < octets.count else { break }
                    state = .carriageReturn
                    if octets[index] == .carriageReturn { index += 1 }
                case .carriageReturn:
                    encoded.writeStaticString("\r\n")
                    if octets[index] == .lineFeed { index += 1 }
                    state = .lineStart
                }
            }
        }
        return encoded
    }

    /// The end of data, after the end of the last line.
    public consuming func finish() -> ByteBuffer {
        ByteBuffer(string: (state == .lineStart ? "" : "\r\n") + (framing == .dots ? ".\r\n" : ""))
    }
}
