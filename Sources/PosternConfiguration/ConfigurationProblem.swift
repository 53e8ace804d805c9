/// Something that is wrong with a configuration, or dangerous in it.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Severity: String, Sendable {
        /// The server does not start.
        case error
        /// The server starts; `postern check` says what to think about.
        case hazard
    }

    public enum Fault: Hashable, Sendable {
        /// The file is no YAML, or uses of YAML what configuration files do without.
        case syntax(String)
        case unreadable(reason: String)
        /// `nearest`: the known key that is most like it, where one is like it at all.
        case unknownKey(String, nearest: String?, known: [String])
        case repeatedKey(String, firstLine: Int)
        case missingKey(String, section: String)
        /// `key` is the setting, `found` what stands there, `advice` what to do about it.
        case unexpected(key: String, expected: String, found: String, advice: String?)
        /// A rule that several settings or the world outside break, as a sentence that says what to do.
        case rule(String)
    }

    public let location: SourceLocation
    public let severity: Severity
    public let fault: Fault

    public init(at location: SourceLocation, _ fault: Fault, _ severity: Severity = .error) {
        self.location = location
        self.severity = severity
        self.fault = fault
    }

    /// One line: `postern.yaml:12:3: error: unknown key 'certificat'; did you mean 'certificate'?`
    public var description: String {
        "\(location): \(severity.rawValue): \(fault)"
    }
}

extension ConfigurationProblem.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .syntax(let sentence), .rule(let sentence):
            return sentence
        case .unreadable(let reason):
            return "the file cannot be read: \(reason)"
        case .unknownKey(let key, let nearest?, _):
            return "unknown key \(quoted(key)); did you mean '\(nearest)'?"
        case .unknownKey(let key, nil, let known):
            return "unknown key \(quoted(key)); known here: \(known.joined(separator: ", "))"
        case .repeatedKey(let key, let firstLine):
            return "key \(quoted(key)) again: it was first given in line \(firstLine); keep one of them"
        case .missingKey(let key, let section):
            return "'\(key)' is missing: \(section) must have it"
        case .unexpected(let key, let expected, let found, let advice):
            return "\(key): expected \(expected), found \(found)" + (advice.map { "; \($0)" } ?? "")
        }
    }
}

/// Text out of a file in a form that fits a line of a terminal: quoted, without control characters, and cut.
/// - Parameter limit: how many scalars are shown.
func quoted(_ text: String, limit: Int = 60) -> String {
    let scalars = text.unicodeScalars
    let shown = scalars.prefix(limit).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : String($0) }
        .joined()
    return "'\(shown)\(scalars.count > limit ? "…" : "")'"
}

/// What reading a file gave: its value, unless it has errors, and every problem in the order of the file.
public struct Reading<Value> {
    /// Nil exactly where `problems` has an error.
    public let value: Value?
    public let problems: [ConfigurationProblem]

    public init(_ value: Value?, problems: [ConfigurationProblem]) {
        let hasErrors = problems.contains { $0.severity == .error }
        self.value = hasErrors ? nil : value
        // What stands at one place keeps the order in which it was found, which is that of the tables.
        self.problems = problems.enumerated()
            .sorted { ($0.element.location, $0.offset) < ($1.element.location, $1.offset) }.map(\.element)
    }
}

extension Reading: Sendable where Value: Sendable {}
