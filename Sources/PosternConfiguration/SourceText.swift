/// Checks of a file's text that come before YAML: what would make the YAML parser work without bound, and what it
/// would complain about in words that help nobody.
///
/// Anchors, aliases and tags are refused altogether. No setting needs them; a few lines of nested aliases stand for
/// billions of nodes; and an unquoted `*@example.org`, which every administrator writes once, is an alias to YAML.
struct SourceText {
    /// Octets: room for 20,000 accounts, each with a stored password.
    static let maximumSize = 4 << 20
    /// Levels of nesting; a configuration has five.
    static let maximumDepth = 16
    /// Columns before the first character of a line; bounds the depth of what is nested by indentation.
    static let maximumIndentation = 64

    private let file: String
    private var line = 1
    private var column = 1
    private var state = State.lineStart
    /// The character before, in the same line.
    private var previous: Unicode.Scalar = " "
    private var flowDepth = 0
    /// `- - - x` opens three lists in one line.
    private var listsOpenedInLine = 0
    private var problems: [ConfigurationProblem] = []

    private enum State {
        /// In the spaces before a line's first character.
        case lineStart
        /// Where a value or a key begins, so that `&`, `*`, `!` and quotes mean something.
        case tokenStart
        case plain
        /// Behind a closing quote or bracket.
        case afterValue
        case singleQuoted
        case doubleQuoted
        case escaped
        case comment
    }

    private init(file: String) {
        self.file = file
    }

    /// The text of these octets and no problem, or all problems.
    static func check(_ octets: [UInt8], file: String) -> (text: String, problems: [ConfigurationProblem]) {
        guard octets.count <= maximumSize else {
            return ("", [ConfigurationProblem(at: .whole(file), .syntax("the file is larger than 4 MiB"))])
        }
        guard var text = String(validating: octets, as: UTF8.self) else {
            return ("", [invalidUTF8(octets, file: file)])
        }
        // A byte order mark, as some editors write.
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        var scan = SourceText(file: file)
        for scalar in text.unicodeScalars {
            scan.take(scalar)
            // After a bracket too many every further one would be reported.
            if scan.problems.count >= 20 { break }
        }
        return (text, scan.problems)
    }

    private static func invalidUTF8(_ octets: [UInt8], file: String) -> ConfigurationProblem {
        let repaired = String(decoding: octets, as: UTF8.self).unicodeScalars
        let original = Array(repaired.prefix { $0 != "\u{FFFD}" })
        let line = 1 + original.count { $0 == "\n" }
        let column = 1 + original.reversed().prefix { $0 != "\n" }.count
        let location = SourceLocation(file: file, line: line, column: column)
        return ConfigurationProblem(at: location, .syntax("expected UTF-8, found octets that are none"))
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        if scalar == "\n" { return endLine() }
        if previous == "\r" { report("a carriage return stands here without a line feed; end lines with a line feed") }
        if isForbidden(scalar) {
            report("a control character (U+\(String(scalar.value, radix: 16, uppercase: true))) stands here; remove it")
        } else if scalar != "\r" {
            advance(scalar)
        }
        previous = scalar
        column += 1
    }

    private mutating func endLine() {
        line += 1
        column = 1
        previous = " "
        listsOpenedInLine = 0
        switch state {
        case .singleQuoted, .doubleQuoted: break
        case .escaped: state = .doubleQuoted
        case .lineStart, .tokenStart, .plain, .afterValue, .comment: state = .lineStart
        }
    }

    private mutating func advance(_ scalar: Unicode.Scalar) {
        switch state {
        case .comment: break
        case .escaped: state = .doubleQuoted
        case .doubleQuoted:
            if scalar == "\\" { state = .escaped } else if scalar == "\"" { state = .afterValue }
        case .singleQuoted:
            // A doubled quote, which stands for one, leaves the text and enters it again.
            if scalar == "'" { state = .afterValue }
        case .lineStart: takeAtLineStart(scalar)
        case .tokenStart: takeAtTokenStart(scalar)
        case .plain: takeInPlain(scalar)
        case .afterValue: takeAfterValue(scalar)
        }
    }

    private mutating func takeAtLineStart(_ scalar: Unicode.Scalar) {
        switch scalar {
        case " ": break
        case "\t" where flowDepth == 0: report("a tab indents this line; YAML is indented with spaces")
        default:
            if column > Self.maximumIndentation + 1, flowDepth == 0 {
                report("the line is indented by more than \(Self.maximumIndentation) columns")
            }
            state = .tokenStart
            takeAtTokenStart(scalar)
        }
    }

    private mutating func takeAtTokenStart(_ scalar: Unicode.Scalar) {
        switch scalar {
        case " ", "\t":
            if previous == "-" || previous == "?" { openList() }
        case "#" where previous == " " || previous == "\t": state = .comment
        case "\"": state = .doubleQuoted
        case "'": state = .singleQuoted
        case "[", "{": openBracket()
        case "]", "}": closeBracket()
        case ",", "-", "?", ":": break
        case "*": refuse("'*' begins a YAML alias", instead: "put the value in quotes: \"*…\"")
        case "&": refuse("'&' begins a YAML anchor", instead: "write the value out, or put it in quotes")
        case "!": refuse("'!' begins a YAML tag", instead: "leave it out, or put the value in quotes")
        default: state = .plain
        }
    }

    private mutating func takeAfterValue(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "'" where previous == "'": state = .singleQuoted
        // `{"key":value}`: behind a quote or a bracket the colon needs no space, as in JSON.
        case ":" where flowDepth > 0: state = .tokenStart
        default: takeInPlain(scalar)
        }
    }

    private mutating func takeInPlain(_ scalar: Unicode.Scalar) {
        switch scalar {
        case " ", "\t":
            if previous == ":" { state = .tokenStart }
        case "#" where previous == " " || previous == "\t": state = .comment
        case "[" where flowDepth > 0, "{" where flowDepth > 0: openBracket()
        case "]" where flowDepth > 0, "}" where flowDepth > 0: closeBracket()
        case "," where flowDepth > 0: state = .tokenStart
        default: break
        }
    }

    private mutating func openBracket() {
        flowDepth += 1
        state = .tokenStart
        if flowDepth == Self.maximumDepth + 1 { refuseDepth() }
    }

    private mutating func closeBracket() {
        flowDepth = max(0, flowDepth - 1)
        state = .afterValue
    }

    private mutating func openList() {
        listsOpenedInLine += 1
        if listsOpenedInLine == Self.maximumDepth + 1 { refuseDepth() }
    }

    private mutating func refuseDepth() {
        report("lists and maps are nested more than \(Self.maximumDepth) deep here")
    }

    private mutating func refuse(_ what: String, instead: String) {
        report("\(what), which this file cannot have; \(instead)")
        state = .plain
    }

    private mutating func report(_ sentence: String) {
        let location = SourceLocation(file: file, line: line, column: column)
        problems.append(ConfigurationProblem(at: location, .syntax(sentence)))
    }

    /// Control characters, and the line ends of Unicode, by which editors and YAML count lines differently.
    private func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\r": false
        case "\u{2028}", "\u{2029}": true
        default: scalar.properties.generalCategory == .control
        }
    }
}
