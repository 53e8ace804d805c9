/// The encoding that makes any text safe for a 7-bit way, and keeps it readable (RFC 2045 §6.7).
package enum QuotedPrintable {
    /// - Parameter text: lines with their line ends. One is added behind the last line where it has none.
    package static func encode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        var encoder = QuotedPrintableEncoder()
        encoder.encode(text, into: &encoded)
        if let last = text.last, last != .lineFeed { encoder.encode(CollectionOfOne(.lineFeed), into: &encoded) }
        encoder.finish(into: &encoded)
        return encoded
    }
}

/// The same for text that comes in pieces.
///
/// LF and CRLF are line ends; a CR that stands alone is text. Beside what must be encoded, a dot at the beginning of a line
/// is, and the blank of a "From " there: programs exist that take them for something else (RFC 2049 §3).
package struct QuotedPrintableEncoder: Sendable {
    /// With the `=` of a soft line break.
    private static let longestLine = 76
    private static let from = Array("From".utf8)

    private var column = 0
    /// How much of "From" the line consists of.
    private var fromCount = 0
    /// A blank, which is encoded only if a line end follows.
    private var blank: UInt8?
    /// Whether a CR was last, which with an LF is a line end.
    private var isAfterCarriageReturn = false

    package init() {}

    package mutating func encode(_ octets: some Sequence<UInt8>, into encoded: inout [UInt8]) {
        for octet in octets { encode(octet, into: &encoded) }
    }

    /// What was held back, since nothing follows.
    package consuming func finish(into encoded: inout [UInt8]) {
        if let blank { put(blank, asItself: isAfterCarriageReturn, into: &encoded) }
        if isAfterCarriageReturn { put(.carriageReturn, asItself: false, into: &encoded) }
    }

    private mutating func encode(_ octet: UInt8, into encoded: inout [UInt8]) {
        if octet == .lineFeed {
            if let blank { put(blank, asItself: false, into: &encoded) }
            encoded += [.carriageReturn, .lineFeed]
            self = QuotedPrintableEncoder()
            return
        }
        // A blank before it may still turn out to be the line's last.
        if octet == .carriageReturn, !isAfterCarriageReturn {
            isAfterCarriageReturn = true
            return
        }
        if let blank { put(blank, asItself: true, into: &encoded) }
        blank = nil
        if isAfterCarriageReturn { put(.carriageReturn, asItself: false, into: &encoded) }
        isAfterCarriageReturn = octet == .carriageReturn
        switch octet {
        case .carriageReturn: break
        case .space, .tab: blank = octet
        default: put(octet, asItself: (33...126).contains(octet) && octet != UInt8(ascii: "="), into: &encoded)
        }
    }

    private mutating func put(_ octet: UInt8, asItself: Bool, into encoded: inout [UInt8]) {
        if column + (asItself ? 1 : 3) >= Self.longestLine {
            encoded += [UInt8(ascii: "="), .carriageReturn, .lineFeed]
            column = 0
            fromCount = 0
        }
        let isSafe = !(column == 0 && octet == UInt8(ascii: ".")) && !(fromCount == 4 && column == 4 && octet == .space)
        guard asItself && isSafe else {
            encoded += [UInt8(ascii: "="), Self.digits[Int(octet >> 4)], Self.digits[Int(octet & 15)]]
            column += 3
            return
        }
        if fromCount == column, column < 4, octet == Self.from[column] { fromCount += 1 }
        encoded.append(octet)
        column += 1
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
