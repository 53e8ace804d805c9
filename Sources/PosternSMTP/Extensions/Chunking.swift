import PosternMail

extension Extension {
    /// A message may come by BDAT, in chunks whose octets are counted (RFC 3030 §2). BINARYMIME is not offered: content is
    /// lines, and a lone CR or LF is refused in chunks as behind DATA.
    static let chunking = Extension("CHUNKING") { _ in "" }
}

/// A chunk of a message, as BDAT announces it (RFC 3030 §2).
public struct Chunk: Hashable, Sendable {
    /// In octets. What no `Int` can hold is as large as can be told.
    public let size: Int
    public let isLast: Bool

    public init(size: Int, isLast: Bool) {
        self.size = size
        self.isLast = isLast
    }

    /// The argument of BDAT: digits, and `LAST` in any case. Nil where it is neither.
    init?(_ argument: ArraySlice<UInt8>) {
        let words = argument.split(separator: .space)
        guard let digits = words.first, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        // Where the number is too large its octets must not be taken for commands all the same.
        size = Int(String(decoding: digits, as: UTF8.self)) ?? .max
        switch words.count {
        case 1: isLast = false
        case 2 where words[1].map(\.asciiLowercased) == Array("last".utf8): isLast = true
        default: return nil
        }
    }
}
