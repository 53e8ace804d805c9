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
        self.init(composing: text, file: file)
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

    private static func problem(_ error: any Error, text: String, file: String) -> ConfigurationProblem {
        func syntax(_ sentence: String, _ mark: Mark) -> ConfigurationProblem {
            let location = SourceLocation(file: file, line: mark.line, column: mark.column)
            return ConfigurationProblem(at: location, .syntax("this is no YAML: \(sentence)"))
        }
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            guard let context else { return syntax(problem, mark) }
            return syntax("\(problem) (\(context.text) that begins in line \(context.mark.line))", mark)
        case .composer(_, let problem, let mark, _):
            return syntax("\(problem); one file holds one document", mark)
        case let other:
            let reason = other.map { "\($0)" } ?? "\(error)"
            return ConfigurationProblem(at: .whole(file), .syntax("this is no YAML: \(quoted(reason))"))
        }
    }
}
