import Yams

/// Keys that stand twice in one map.
///
/// Yams names only the first of them, by the place of its first occurrence, and composes nothing. To read on, that
/// occurrence's letters are replaced by as many characters of Unicode's private use area: the map then has two
/// different keys, and every place in the text stays where it was. `Reader` finds the replacement in `names`, leaves
/// its value alone, and reports the occurrence that remains.
struct RepeatedKeys {
    private(set) var text: String
    /// What each key that was taken out said, by what stands there now.
    private(set) var names: [String: String] = [:]
    /// What could not be taken out.
    private(set) var problems: [ConfigurationProblem] = []
    private let file: String

    /// Each costs a parse of the whole file.
    private static let maximumCount = 50
    /// The first of the private characters; each key taken out gets one of its own.
    private static let firstMark: UInt32 = 0xE000

    init(text: String, file: String) {
        self.text = text
        self.file = file
    }

    /// Takes out the key that begins at the mark; false, and a problem, where no plain or simply quoted key
    /// begins there.
    mutating func takeOut(at mark: Mark) -> Bool {
        let location = SourceLocation(file: file, line: mark.line, column: mark.column)
        guard names.count < Self.maximumCount, let range = keyRange(at: mark),
            let character = Unicode.Scalar(Self.firstMark + UInt32(names.count))
        else {
            problems.append(
                ConfigurationProblem(at: location, .syntax("a key stands twice in this map; keep one of them")))
            return false
        }
        let name = String(text[range])
        let replacement = String(repeating: Character(character), count: name.unicodeScalars.count)
        names[replacement] = name
        text = text[..<range.lowerBound] + replacement + text[range.upperBound...]
        return true
    }

    private func keyRange(at mark: Mark) -> Range<String.Index>? {
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        for _ in 1..<max(1, mark.line) {
            guard let newline = scalars[start...].firstIndex(of: "\n") else { return nil }
            start = scalars.index(after: newline)
        }
        guard let begin = scalars.index(start, offsetBy: mark.column - 1, limitedBy: scalars.endIndex) else {
            return nil
        }
        let rest = scalars[begin...]
        if let quote = rest.first, quote == "\"" || quote == "'" {
            let inside = rest.dropFirst()
            guard let end = inside.firstIndex(of: quote), !inside[..<end].contains("\\") else { return nil }
            return inside.isEmpty || inside.startIndex == end ? nil : inside.startIndex..<end
        }
        let end = rest.firstIndex { $0 == ":" || $0 == "\n" } ?? scalars.endIndex
        // Spaces before the colon are no part of a plain key.
        let trimmed = rest[..<end].lastIndex { $0 != " " && $0 != "\t" }.map { scalars.index(after: $0) } ?? begin
        return trimmed > begin ? begin..<trimmed : nil
    }
}
