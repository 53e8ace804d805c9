import NIOCore
import PosternMail

/// Turns the CRLF line ends of mail on the wire into the LF of files on Unix, piece by piece. Any other octet, a CR
/// without LF too, stays.
struct LineEndConverter {
    /// Whether the last piece ended with a CR, whose meaning the next octet tells.
    private var holdsCarriageReturn = false

    mutating func convert(_ piece: ByteBuffer) -> ByteBuffer {
        var converted = ByteBuffer()
        converted.reserveCapacity(piece.readableBytes + 1)
        var rest = piece.readableBytesView
        if holdsCarriageReturn, let first = rest.first {
            if first != .lineFeed { converted.writeInteger(UInt8.carriageReturn) }
            holdsCarriageReturn = false
        }
        while let index = rest.firstIndex(of: .carriageReturn) {
            converted.writeBytes(rest[..<index])
            rest = rest[(index + 1)...]
            guard let following = rest.first else {
                holdsCarriageReturn = true
                break
            }
            if following != .lineFeed { converted.writeInteger(UInt8.carriageReturn) }
        }
        converted.writeBytes(rest)
        return converted
    }

    /// What was still held at the end.
    mutating func finish() -> ByteBuffer {
        defer { holdsCarriageReturn = false }
        return holdsCarriageReturn ? ByteBuffer(integer: UInt8.carriageReturn) : ByteBuffer()
    }
}
