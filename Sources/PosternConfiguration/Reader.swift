import Yams

/// Walks the tree of one file and collects what is wrong with it.
final class Reader {
    let file: String
    let folder: Folder
    private(set) var problems: [ConfigurationProblem]
    private let repeatedKeys: [String: String]

    init(_ document: Document, file: String) {
        self.file = file
        folder = Folder(of: file)
        problems = document.problems
        repeatedKeys = document.repeatedKeys
    }

    func report(
        _ fault: ConfigurationProblem.Fault, at location: SourceLocation,
        _ severity: ConfigurationProblem.Severity = .error
    ) {
        problems.append(ConfigurationProblem(at: location, fault, severity))
    }

    /// How many errors there are so far: what was read without one more was read whole.
    var errors: Int { problems.count { $0.severity == .error } }

    func location(of node: Node) -> SourceLocation {
        guard let mark = node.mark else { return .whole(file) }
        return SourceLocation(file: file, line: mark.line, column: mark.column)
    }

    /// The pairs of a map in their order, but for keys that are no words and those that stand twice: they are
    /// reported.
    func entries(of node: Node, key: String, expected: String = "a map") -> [(key: Located<String>, value: Node)]? {
        guard case .mapping(let mapping) = node else {
            reportKind(of: node, key: key, expected: expected)
            return nil
        }
        var entries: [(key: Located<String>, value: Node)] = []
        var repeated: [(name: String, firstLine: Int)] = []
        for (keyNode, value) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                reportKind(of: keyNode, key: key, expected: "a word as key")
                continue
            }
            if let name = repeatedKeys[scalar.string] {
                repeated.append((name, keyNode.mark?.line ?? 0))
            } else {
                entries.append((Located(scalar.string, at: location(of: keyNode)), value))
            }
        }
        for (name, firstLine) in repeated {
            guard let again = entries.first(where: { $0.key.value == name }) else { continue }
            report(.repeatedKey(name, firstLine: firstLine), at: again.key.location)
        }
        return entries
    }

    /// What stands behind the keys that come again later in the map. It counts for nothing, but what is wrong with it is to
    /// be told at once, for it may be the one that stays.
    func repeatedEntries(of node: Node) -> [(key: Located<String>, value: Node)] {
        guard case .mapping(let mapping) = node, !repeatedKeys.isEmpty else { return [] }
        return mapping.compactMap { keyNode, value in
            guard case .scalar(let scalar) = keyNode, let name = repeatedKeys[scalar.string] else { return nil }
            return (Located(name, at: location(of: keyNode)), value)
        }
    }

    /// The items of a list, or nil and a problem.
    func items(of node: Node, key: String, expected: String) -> [Node]? {
        guard case .sequence(let sequence) = node else {
            reportKind(of: node, key: key, expected: expected)
            return nil
        }
        return Array(sequence)
    }

    /// The value of a scalar, or nil and a problem.
    func value<Value>(of node: Node, key: String, as form: Form<Value>) -> Located<Value>? {
        guard case .scalar(let scalar) = node, !isNothing(node) else {
            reportKind(of: node, key: key, expected: form.expected)
            return nil
        }
        do throws(Form<Value>.Refusal) {
            return Located(try form.parse(scalar.string, folder), at: location(of: node))
        } catch {
            let found = quoted(scalar.string)
            report(
                .unexpected(key: key, expected: form.expected, found: found, advice: error.advice),
                at: location(of: node))
            return nil
        }
    }

    /// The values of a list of scalars. What is no value is reported and left out; so is a list of nothing.
    func values<Value>(of node: Node, key: String, as form: Form<Value>) -> [Located<Value>]? {
        guard let items = items(of: node, key: key, expected: "a list, each \(form.expected)") else { return nil }
        if items.isEmpty {
            let expected = "at least one, each \(form.expected)"
            report(
                .unexpected(key: key, expected: expected, found: "an empty list", advice: nil), at: location(of: node))
            return nil
        }
        return items.compactMap { value(of: $0, key: key, as: form) }
    }

    func reportKind(of node: Node, key: String, expected: String) {
        report(.unexpected(key: key, expected: expected, found: kind(of: node), advice: nil), at: location(of: node))
    }

    /// Nothing stands behind the key, or one of YAML's words for nothing.
    func isNothing(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    private func kind(of node: Node) -> String {
        switch node {
        case .mapping: "a map"
        case .sequence: "a list"
        case .scalar(let scalar): isNothing(node) ? "nothing" : quoted(scalar.string)
        case .alias: "an alias"
        }
    }
}
