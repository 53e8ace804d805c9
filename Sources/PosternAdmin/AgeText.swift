import PosternMail

/// Spans of time as an operator writes and reads them: `30s`, `5m`, `1h30m`, `7d`.
enum AgeText {
    private static let units: [(letter: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// Nil unless the text is numbers with their units, of a hundred years at most.
    static func duration(_ text: String) -> Duration? {
        var total: Int64 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                guard digits.count <= 10 else { return nil }
            } else {
                guard let unit = units.first(where: { $0.letter == character }), let count = Int64(digits) else {
                    return nil
                }
                total += count * unit.seconds
                digits = ""
            }
        }
        guard digits.isEmpty, !text.isEmpty, total <= 36_525 * 86_400 else { return nil }
        return .seconds(total)
    }

    /// The two largest units of it: `3d 4h`.
    static func words(_ duration: Duration) -> String {
        var rest = max(0, duration.components.seconds)
        var parts: [String] = []
        for unit in units {
            let count = rest / unit.seconds
            rest %= unit.seconds
            if count > 0 { parts.append("\(count)\(unit.letter)") }
        }
        return parts.isEmpty ? "0s" : parts.prefix(2).joined(separator: " ")
    }
}
