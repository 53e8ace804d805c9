/// Classes of octets that several grammars share.
extension UInt8 {
    public static let lineFeed = UInt8(ascii: "\n")
    public static let carriageReturn = UInt8(ascii: "\r")
    public static let space = UInt8(ascii: " ")
    public static let tab = UInt8(ascii: "\t")

    public var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }

    public var isASCIIDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    /// A letter, a digit or a character of RFC 5322 §3.2.3 `atext`.
    public var isAtomText: Bool {
        isASCIILetter || isASCIIDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(self)
    }

    /// The lower-case form of an ASCII letter; any other octet as it is.
    public var asciiLowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

extension StringProtocol {
    /// The text with ASCII letters in lower case and everything else untouched: no Unicode folding, which would make
    /// one address of two (reliability: confusable letters).
    public var asciiLowercased: String {
        // Nearly every text is in lower case already.
        guard utf8.contains(where: { $0 != $0.asciiLowercased }) else { return String(self) }
        return String(decoding: utf8.map(\.asciiLowercased), as: UTF8.self)
    }
}

extension String {
    /// Whether it is made of visible ASCII characters and spaces alone, without the two. Every text of a reply and of the
    /// log passes here, so it looks at the octets in one stretch.
    package func isPrintableASCII(except first: UInt8 = 0, _ second: UInt8 = 0) -> Bool {
        func isPrintable(_ octet: UInt8) -> Bool {
            octet &- 0x20 < 0x5F && octet != first && octet != second
        }
        return utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isPrintable) } ?? utf8.allSatisfy(isPrintable)
    }
}
