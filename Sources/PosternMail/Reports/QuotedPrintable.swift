/// The encoding that makes any text safe for a 7-bit way, and keeps it readable (RFC 2045 §6.7).
enum QuotedPrintable {
    /// With the `=` of a soft line break.
    private static let longestLine = 76

    /// - Parameter text: lines with their CRLF.
    static func encode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        var lines = text.split(separator: .lineFeed, omittingEmptySubsequences: false)[...]
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            encode(line: line.last == .carriageReturn ? line.dropLast() : line, into: &encoded)
            encoded += "\r\n".utf8
        }
        return encoded
    }

    private static func encode(line: ArraySlice<UInt8>, into encoded: inout [UInt8]) {
        var column = 0
        for (index, octet) in line.enumerated() {
            let symbol = symbol(for: octet, isLast: index == line.count - 1)
            if column + symbol.count >= longestLine {
                encoded += "=\r\n".utf8
                column = 0
            }
            encoded += symbol
            column += symbol.count
        }
    }

    private static func symbol(for octet: UInt8, isLast: Bool) -> [UInt8] {
        switch octet {
        case UInt8(ascii: "="): break
        case 33...126: return [octet]
        // A blank at the end of a line may be lost on the way.
        case .space where !isLast, .tab where !isLast: return [octet]
        default: break
        }
        return [UInt8(ascii: "="), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
