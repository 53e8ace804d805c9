import PosternMail
import PosternSASL

/// Text of a header field in ASCII (RFC 2047), by Q or B, whichever is shorter.
package enum EncodedWords {
    /// RFC 2047 §2.
    private static let longestWord = 75
    private static let frame = "=?utf-8?B??=".utf8.count

    /// - Parameters:
    ///   - text: without control characters.
    ///   - shortening: by so many characters the first word is shorter, since a field's name stands before it.
    package static func encode(_ text: String, shortening: Int = 0) -> [String] {
        let isQ = text.utf8.reduce(0) { $0 + width($1) } <= (text.utf8.count + 2) / 3 * 4
        var words: [String] = []
        var octets: [UInt8] = []
        for part in parts(of: text) {
            let capacity = longestWord - frame - (words.isEmpty ? shortening : 0)
            if !octets.isEmpty, length(octets + part, isQ) > capacity {
                words.append(word(octets, isQ))
                octets = []
            }
            octets += part
        }
        return words + [word(octets, isQ)]
    }

    /// Whether the text would be read as something else if it stood there as it is: it is not ASCII, could be taken for an
    /// encoded word, has blanks that are lost, or a word longer than a line.
    static func isNeeded(for text: String, longestWord: Int) -> Bool {
        !text.isPrintableASCII() || text.contains("=?") || !text.isFoldable(within: longestWord)
    }

    /// What is not taken apart: a character as people see it, or where that is long, a scalar (RFC 2047 §5 asks for no less).
    private static func parts(of text: String) -> [[UInt8]] {
        text.flatMap { character in
            character.utf8.count <= 15
                ? [Array(character.utf8)] : character.unicodeScalars.map { Array(String($0).utf8) }
        }
    }

    private static func length(_ octets: [UInt8], _ isQ: Bool) -> Int {
        isQ ? octets.reduce(0) { $0 + width($1) } : (octets.count + 2) / 3 * 4
    }

    private static func word(_ octets: [UInt8], _ isQ: Bool) -> String {
        guard isQ else { return "=?utf-8?B?\(Base64.encode(octets))?=" }
        let digits = octets.map { octet in
            if octet == .space { return "_" }
            return width(octet) == 1 ? String(UnicodeScalar(octet)) : "=" + hexadecimal(octet)
        }
        return "=?utf-8?Q?\(digits.joined())?="
    }

    /// RFC 2047 §5 (3): what may stand in a phrase may stand everywhere.
    private static func width(_ octet: UInt8) -> Int {
        octet == .space || octet.isASCIILetter || octet.isASCIIDigit || "!*+-/".utf8.contains(octet) ? 1 : 3
    }

    static func hexadecimal(_ octet: UInt8) -> String {
        let digits = String(octet, radix: 16, uppercase: true)
        return octet < 16 ? "0" + digits : digits
    }
}
