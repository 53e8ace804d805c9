import PosternClient
import PosternMail

/// The name beside an address, as it stands in a field of a header.
enum DisplayName {
    /// Atoms as they are, other ASCII text in quotes (RFC 5322 §3.2.4), anything else in encoded words (RFC 2047 §2).
    static func text(_ name: String) -> String {
        let octets = name.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8.space : $0 }
        guard octets.allSatisfy({ $0 < 0x80 }) else {
            return EncodedWords.encode(String(decoding: octets, as: UTF8.self)).joined(separator: "\n ")
        }
        let text = String(decoding: octets, as: UTF8.self)
        if octets.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == .space || $0 == UInt8(ascii: "-") }) {
            return text
        }
        return "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" } + "\""
    }
}
