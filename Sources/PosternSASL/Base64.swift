/// BASE64 as SASL in SMTP uses it: RFC 4648 §4, strictly (RFC 4954 §4 asks to refuse what is not BASE64).
public enum Base64 {
    /// The octets that the text stands for, or nil where it is not BASE64: a foreign character (white space too), a
    /// length that is no multiple of four, padding that is missing or misplaced, or bits set behind the last octet,
    /// which would give one value two spellings.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let body = text.dropLast(paddingCount(of: text))
        var octets: [UInt8] = []
        octets.reserveCapacity(text.count / 4 * 3)
        var pending: UInt32 = 0
        var bits = 0
        for character in body {
            guard let value = value(of: character) else { return nil }
            pending = pending << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                octets.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
                pending &= (1 << UInt32(bits)) - 1
            }
        }
        return pending == 0 ? octets : nil
    }

    /// As `decode(_:)` of octets.
    public static func decode(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8))
    }

    /// The octets in BASE64, padded, on one line.
    public static func encode(_ octets: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for octet in octets {
            pending = pending << 8 | UInt32(octet)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(pending >> UInt32(bits) & 63)])
            }
            pending &= (1 << UInt32(bits)) - 1
        }
        if bits > 0 { text.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
        while !text.count.isMultiple(of: 4) { text.append(pad) }
        return String(decoding: text, as: UTF8.self)
    }

    /// At most two: a third `=` stays in the body and is refused there as a foreign character.
    private static func paddingCount(of text: some Collection<UInt8>) -> Int {
        let end = Array(text.suffix(2))
        if end == [pad, pad] { return 2 }
        return end.last == pad ? 1 : 0
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static let pad = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
