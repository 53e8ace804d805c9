import PosternMail
import PosternSASL

/// The name beside an address, as it stands in a field of a header.
enum DisplayName {
    /// Atoms as they are, other ASCII text in quotes (RFC 5322 §3.2.4), anything else in encoded words (RFC 2047 §2).
    static func text(_ name: String) -> String {
        let octets = name.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8.space : $0 }
        guard octets.allSatisfy({ $0 < 0x80 }) else { return encodedWords(String(decoding: octets, as: UTF8.self)) }
        let text = String(decoding: octets, as: UTF8.self)
        if octets.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == .space || $0 == UInt8(ascii: "-") }) {
            return text
        }
        return "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" } + "\""
    }

    /// A word has at most 75 characters: 45 octets of UTF-8 make 60 of BASE64. No character is torn apart.
    private static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let octets = Array(String(scalar).utf8)
            if words[words.count - 1].count + octets.count > 45 { words.append([]) }
            words[words.count - 1] += octets
        }
        return words.map { "=?UTF-8?B?\(Base64.encode($0))?=" }.joined(separator: "\n ")
    }
}
