import PosternMail

/// Writes header fields, and what stands between them, folded at their blanks (RFC 5322 §2.2.3).
struct FieldWriter {
    /// RFC 2047 §2 allows a line with encoded words so many.
    private static let longestLine = 76
    /// A longer word is encoded where that is possible, so that it can be broken.
    static let longestWord = 74
    private static let longestNameBeforeWord = 20

    private(set) var text = ""

    /// A field of words that stay whole.
    mutating func write(_ name: String, words: [String]) {
        text += "\(name):"
        var column = name.utf8.count + 1
        for (index, word) in words.enumerated() {
            // Programs exist that take a field without anything on its first line for an empty one.
            let mayFold = index > 0 || name.utf8.count > Self.longestNameBeforeWord
            let isFolded = mayFold && column + 1 + word.utf8.count > Self.longestLine
            text += isFolded ? "\r\n \(word)" : " \(word)"
            column = (isFolded ? 1 : column + 1) + word.utf8.count
        }
        text += "\r\n"
    }

    mutating func write(_ name: String, text value: String, longestWord: Int = Self.longestWord) {
        guard EncodedWords.isNeeded(for: value, longestWord: longestWord) else {
            return write(name, words: value.split(separator: " ").map(String.init))
        }
        let shortening = name.utf8.count > Self.longestNameBeforeWord ? 0 : name.utf8.count + 1
        write(name, words: EncodedWords.encode(value, shortening: shortening))
    }

    mutating func write(_ name: String, _ mailboxes: [NamedMailbox]) {
        guard !mailboxes.isEmpty else { return }
        var words: [String] = []
        for mailbox in mailboxes {
            if !words.isEmpty { words[words.count - 1] += "," }
            words += Self.words(mailbox)
        }
        write(name, words: words)
    }

    mutating func write(_ name: String, _ ids: [MessageID]) {
        guard !ids.isEmpty else { return }
        write(name, words: ids.map(\.description))
    }

    mutating func write(_ field: HeaderField) {
        switch field.value {
        case .text(let value): write(field.name, text: value, longestWord: HeaderField.longestWord)
        case .structured(let value): write(field.name, words: value.split(separator: " ").map(String.init))
        }
    }

    mutating func write(_ name: String, _ value: String, parameters: [(name: String, value: String)]) {
        guard !parameters.isEmpty else { return write(name, words: [value]) }
        write(name, words: [value + ";"] + FieldParameters.words(parameters))
    }

    /// What is no field.
    mutating func write(raw octets: String) {
        text += octets
    }

    private static func words(_ mailbox: NamedMailbox) -> [String] {
        guard let name = mailbox.name else { return [mailbox.mailbox.description] }
        return phrase(name) + ["<\(mailbox.mailbox)>"]
    }

    /// RFC 5322 §3.2.5: as it is if it is made of atoms, else in quotes, else in encoded words.
    private static func phrase(_ name: String) -> [String] {
        // The longest name of a field, with its colon, fits before the first word.
        guard !EncodedWords.isNeeded(for: name, longestWord: 60) else {
            return EncodedWords.encode(name, shortening: 10)
        }
        let atoms = name.split(separator: " ").map(String.init)
        if atoms.allSatisfy({ $0.utf8.allSatisfy(\.isAtomText) }) { return atoms }
        return FieldParameters.quoted(name).split(separator: " ").map(String.init)
    }
}
