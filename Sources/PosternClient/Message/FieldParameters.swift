import PosternMail

/// The parameters of a MIME field (RFC 2045 §5.1), and their values beyond ASCII (RFC 2231).
enum FieldParameters {
    /// Longer ones are continued. Names of files are shorter, so that programs which cannot put a name together from its
    /// parts are met by none of ASCII.
    private static let longestQuoted = 255
    private static let longestSegment = 60

    /// Each as a word of the field, with a semicolon behind all but the last.
    static func words(_ parameters: [(name: String, value: String)]) -> [String] {
        let words = parameters.flatMap { Self.words(name: $0.name, value: $0.value) }
        return words.dropLast().map { $0 + ";" } + words.suffix(1)
    }

    private static func words(name: String, value: String) -> [String] {
        // RFC 2047 §5 forbids encoded words here, but programs decode them.
        guard value.isPrintableASCII(), value.utf8.count <= longestQuoted, !value.contains("=?") else {
            return encoded(name: name, value: value)
        }
        let isToken = !value.isEmpty && value.utf8.allSatisfy(\.isToken) && name != "filename"
        return ["\(name)=\(isToken ? value : quoted(value))"]
    }

    static func quoted(_ value: String) -> String {
        "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func encoded(name: String, value: String) -> [String] {
        var segments = ["utf-8''"]
        for scalar in value.unicodeScalars {
            let text = String(scalar).utf8.map {
                isPlain($0) ? String(UnicodeScalar($0)) : "%" + EncodedWords.hexadecimal($0)
            }
            .joined()
            if segments[segments.count - 1].utf8.count + text.utf8.count > longestSegment { segments.append("") }
            segments[segments.count - 1] += text
        }
        guard segments.count > 1 else { return ["\(name)*=\(segments[0])"] }
        return segments.enumerated().map { "\(name)*\($0.offset)*=\($0.element)" }
    }

    /// Less than RFC 2231 §7 `attribute-char` allows: what no program takes for something else.
    private static func isPlain(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || "-._~".utf8.contains(octet)
    }
}
