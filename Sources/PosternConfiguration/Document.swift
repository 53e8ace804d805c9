import Yams

/// A file as a tree of YAML nodes, and what was wrong with it as YAML.
struct Document {
    /// Nil where the file is empty or no YAML.
    let root: Node?
    /// Keys that stand twice in a map: see `RepeatedKeys`.
    let repeatedKeys: [String: String]
    let problems: [ConfigurationProblem]

    init(_ octets: [UInt8], file: String) {
        let (text, found) = SourceText.check(octets, file: file)
        guard found.isEmpty else {
            self.init(root: nil, problems: found)
            return
        }
        self.init(composing: Self.withoutColonOfDiscard(text), file: file)
    }

    private init(root: Node?, repeatedKeys: [String: String] = [:], problems: [ConfigurationProblem]) {
        self.root = root
        self.repeatedKeys = repeatedKeys
        self.problems = problems
    }

    /// Yams stops at the first map that has a key twice. So that one slip does not hide all other problems, the earlier
    /// of the two is taken out of the text (see `RepeatedKeys`), and the text is composed again.
    private init(composing text: String, file: String) {
        var repeated = RepeatedKeys(text: text, file: file)
        while true {
            do {
                // The basic resolver leaves scalars as they are written: `off` stays a word, `1.2` a text.
                let root = try Yams.compose(yaml: repeated.text, .basic, .default, .utf8)
                self.init(root: root, repeatedKeys: repeated.names, problems: repeated.problems)
                return
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                guard !repeated.takeOut(at: context.mark) else { continue }
                self.init(root: nil, problems: repeated.problems)
                return
            } catch {
                self.init(root: nil, problems: repeated.problems + [Self.problem(error, text: text, file: file)])
                return
            }
        }
    }

    /// `next-hop: discard:` is no YAML: the colon at the line's end would begin a map where none can be. The colon is
    /// blanked, behind whatever key the line has, which may be misspelt. That leaves every place in the file as it was;
    /// the form of a next hop takes the word without the colon.
    private static func withoutColonOfDiscard(_ text: String) -> String {
        let word = "discard:"
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        let blanked = lines.map { line -> String in
            guard let colon = line.firstIndex(of: ":") else { return line }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            let behind = value.dropFirst(word.count)
            guard value.hasPrefix(word), behind.allSatisfy(\.isWhitespace) || behind.hasPrefix(" ") else { return line }
            return line.dropLast(value.count) + word.dropLast() + " " + behind
        }
        return blanked.joined(separator: "\n")
    }

    /// What libyaml says of the most frequent slips, in words that say what to do.
    private static func explained(_ sentence: String) -> String {
        switch sentence {
        case "mapping values are not allowed in this context":
            "a colon where no key can stand; indent the line like its neighbours, or put the value in quotes"
        case "did not find expected key":
            "expected a key; indent the line like its neighbours, or close what was opened before"
        case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
            "\(sentence.dropFirst("did not find ".count)) before this"
        default: sentence
        }
    }

    private static func problem(_ error: any Error, text: String, file: String) -> ConfigurationProblem {
        func syntax(_ sentence: String, _ mark: Mark) -> ConfigurationProblem {
            let location = SourceLocation(file: file, line: mark.line, column: mark.column)
            return ConfigurationProblem(at: location, .syntax("this is no YAML: \(sentence)"))
        }
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            guard let context else { return syntax(explained(problem), mark) }
            return syntax("\(explained(problem)) (\(context.text) that begins in line \(context.mark.line))", mark)
        case .composer(_, let problem, let mark, _):
            return syntax("\(problem); one file holds one document", mark)
        case .reader(let problem, _, _, _):
            return ConfigurationProblem(at: .whole(file), .syntax("this is no YAML: \(problem)"))
        default:
            // Whatever else it is, its text may quote a line of the file, which may be a password's.
            return ConfigurationProblem(at: .whole(file), .syntax("the YAML parser gave up"))
        }
    }
}
