import NIOCore
import PosternMail

/// BASE64 for octets that come in pieces, in lines of 76 characters (RFC 2045 §6.8). CRLF stands between lines, and not
/// behind the last.
struct Base64Lines {
    private static let octetsOfLine = 57
    private static let charactersOfLine = 76

    /// What makes no whole line yet.
    private var rest: [UInt8] = []
    private var isFirst = true

    /// How many octets it makes of so many.
    static func length(of count: Int) -> Int {
        guard count > 0 else { return 0 }
        return (count + 2) / 3 * 4 + (count - 1) / octetsOfLine * 2
    }

    mutating func encode(_ piece: ByteBuffer) -> ByteBuffer {
        var encoded = ByteBuffer()
        encoded.reserveCapacity(Self.length(of: rest.count + piece.readableBytes) + 2)
        piece.withUnsafeReadableBytes { octets in
            var start = 0
            if !rest.isEmpty {
                start = min(Self.octetsOfLine - rest.count, octets.count)
                rest += octets[..<start]
                guard rest.count == Self.octetsOfLine else { return }
                rest.withUnsafeBytes { writeLine($0, into: &encoded) }
                rest = []
            }
            while octets.count - start >= Self.octetsOfLine {
                let line = UnsafeRawBufferPointer(rebasing: octets[start..<start + Self.octetsOfLine])
                writeLine(line, into: &encoded)
                start += Self.octetsOfLine
            }
            rest += octets[start...]
        }
        return encoded
    }

    consuming func finish() -> ByteBuffer {
        var encoded = ByteBuffer()
        let rest = rest
        if !rest.isEmpty { rest.withUnsafeBytes { writeLine($0, into: &encoded) } }
        return encoded
    }

    private mutating func writeLine(_ octets: UnsafeRawBufferPointer, into encoded: inout ByteBuffer) {
        if !isFirst { encoded.writeStaticString("\r\n") }
        isFirst = false
        encoded.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.charactersOfLine) { space in
            var place = 0
            var index = 0
            while index < octets.count {
                let isSecond = index + 1 < octets.count
                let isThird = index + 2 < octets.count
                let bits =
                    UInt32(octets[index]) << 16 | (isSecond ? UInt32(octets[index + 1]) << 8 : 0)
                    | (isThird ? UInt32(octets[index + 2]) : 0)
                space[place] = Self.alphabet[Int(bits >> 18)]
                space[place + 1] = Self.alphabet[Int(bits >> 12 & 63)]
                space[place + 2] = isSecond ? Self.alphabet[Int(bits >> 6 & 63)] : UInt8(ascii: "=")
                space[place + 3] = isThird ? Self.alphabet[Int(bits & 63)] : UInt8(ascii: "=")
                place += 4
                index += 3
            }
            return place
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
