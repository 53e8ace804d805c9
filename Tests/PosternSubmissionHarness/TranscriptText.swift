import PosternSASL
import PosternSubmission

/// The escapes and the braces of a transcript's lines.
enum TranscriptText {
    /// - Parameter number: what `{#}` stands for.
    static func octets(_ text: some StringProtocol, number: Int = 0) throws(TranscriptError) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "\\"): octets.append(try escaped(&rest))
            case UInt8(ascii: "{"):
                guard let end = closingBrace(in: rest) else { throw .unclosedBrace(String(text)) }
                octets += try expanded(String(decoding: rest[..<end], as: UTF8.self), number)
                rest = rest[(end + 1)...]
            default: octets.append(octet)
            }
        }
        return octets
    }

    /// Braces may stand inside braces.
    private static func closingBrace(in text: ArraySlice<UInt8>) -> Int? {
        var depth = 1
        return text.indices.first { index in
            if text[index] == UInt8(ascii: "{") { depth += 1 }
            if text[index] == UInt8(ascii: "}") { depth -= 1 }
            return depth == 0
        }
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(TranscriptError) -> UInt8 {
        switch rest.popFirst() {
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "0"): return 0x00
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "{"): return UInt8(ascii: "{")
        case UInt8(ascii: "x"):
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            guard let value = UInt8(digits, radix: 16) else { throw .badEscape(digits) }
            return value
        case let other: throw .badEscape(other.map { String(UnicodeScalar($0)) } ?? "")
        }
    }

    private static func expanded(_ text: String, _ number: Int) throws(TranscriptError) -> [UInt8] {
        if text == "#" { return Array(String(number).utf8) }
        if text.hasPrefix("base64 ") {
            return Array(Base64.encode(try octets(text.dropFirst("base64 ".count))).utf8)
        }
        guard let star = text.lastIndex(of: "*"), let count = Int(text[text.index(after: star)...]) else {
            throw .badBrace(text)
        }
        let unit = try octets(text[..<star])
        return Array(repeatElement(unit, count: count).joined())
    }

    /// The lines of EHLO's reply.
    /// - Parameter mechanisms: those of its AUTH line; none before TLS.
    static func ehlo(_ mechanisms: Substring, limits: Limits) -> [String] {
        let last = mechanisms.isEmpty ? "STARTTLS" : "AUTH \(mechanisms)"
        let lines = [
            "mail.example.org", "PIPELINING", "SIZE \(limits.message)", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING",
            "DSN", "LIMITS RCPTMAX=\(limits.recipients) MAILMAX=\(limits.transactions)",
        ]
        return lines.map { "250-\($0)" } + ["250 \(last)"]
    }
}

package enum TranscriptError: Error {
    case unclosedBrace(String)
    case badBrace(String)
    case badEscape(String)
    case badSetting(file: String, String)
    case badLine(file: String, String)
}
