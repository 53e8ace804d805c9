import PosternMail

/// A value of one setting, and where it was written.
struct Assignment: Hashable, Sendable {
    var value: String
    var place: Place
}

/// The settings of one account by their keys, as they were written.
struct WrittenAccount: Sendable {
    var name: String
    var settings: [String: Assignment] = [:]
    /// In the order in which they were written; only those of the account that is used are told.
    var notes: [SettingNote] = []

    mutating func set(_ key: String, _ assignment: Assignment) throws(AccountError) {
        // msmtp calls it so since 1.8.
        let key = key == "connect_timeout" ? "timeout" : key
        switch SettingKey.of(key, value: assignment.value) {
        case .honoured, .refused:
            settings[key] = assignment
        case .noted(let reason):
            notes.append(SettingNote(key: key, place: assignment.place, kind: .noEffect(reason: reason)))
        case nil:
            let nearest = SettingKey.nearest(to: key)
            guard !SettingKey.concernsSecurity(key), nearest.map(SettingKey.concernsSecurity) != true else {
                throw .unknownSecurity(assignment.place, key: key, nearest: nearest)
            }
            notes.append(SettingNote(key: key, place: assignment.place, kind: .unknown(nearest: nearest)))
        }
    }

    mutating func inherit(from other: WrittenAccount) {
        settings.merge(other.settings) { _, theirs in theirs }
        notes += other.notes
    }
}

/// A configuration file of msmtp: accounts, each with the defaults that stood above it and what it inherits.
struct MsmtpFile: Sendable {
    private(set) var accounts: [WrittenAccount] = []
    /// Whether a password stands in the file itself.
    private(set) var holdsSecret = false

    private var defaults = WrittenAccount(name: "defaults")
    private var isInDefaults = false
    private let path: String

    /// - Parameter evaluate: runs the command of an `eval` and returns the first line that it printed.
    init(
        reading octets: [UInt8], named path: String, evaluate: (String) throws(EvaluationFailure) -> String
    ) throws(AccountError) {
        self.path = path
        let lines = octets.split(separator: .lineFeed, omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) {
            try read(String(decoding: line, as: UTF8.self), Place.file(path, line: number), evaluate)
        }
    }

    private mutating func read(
        _ line: String, _ place: Place, _ evaluate: (String) throws(EvaluationFailure) -> String
    ) throws(AccountError) {
        guard var (key, value) = Self.parts(of: line) else { return }
        var isEvaluated = false
        if key == "eval" {
            do throws(EvaluationFailure) {
                guard let parts = Self.parts(of: try evaluate(value)) else { return }
                (key, value) = parts
            } catch {
                throw .evalFailed(place, reason: error.reason)
            }
            isEvaluated = true
        }
        switch key {
        case "defaults":
            isInDefaults = true
        case "account":
            try open(value, place)
        default:
            if key == "password", !isEvaluated { holdsSecret = true }
            try set(key, Assignment(value: value, place: place))
        }
    }

    private mutating func set(_ key: String, _ assignment: Assignment) throws(AccountError) {
        if isInDefaults {
            try defaults.set(key, assignment)
        } else if accounts.isEmpty {
            // As msmtp has it: a file of settings alone is that of the default account.
            try open("default", assignment.place)
            try set(key, assignment)
        } else {
            try accounts[accounts.count - 1].set(key, assignment)
        }
    }

    /// `account NAME`, `account NAME : BASE, BASE`
    private mutating func open(_ value: String, _ place: Place) throws(AccountError) {
        let parts = value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map { $0.trimmed } ?? ""
        guard !name.isEmpty, !accounts.contains(where: { $0.name == name }) else {
            throw .badLine(
                place, found: value, expected: name.isEmpty ? "a name behind 'account'" : "a name that is not taken yet"
            )
        }
        var account = defaults
        account.name = name
        if parts.count == 2 {
            for base in parts[1].split(separator: ",", omittingEmptySubsequences: false).map({ $0.trimmed }) {
                guard let other = accounts.first(where: { $0.name == base }) else { throw .unknownBase(place, base) }
                account.inherit(from: other)
            }
        }
        isInDefaults = false
        accounts.append(account)
    }

    /// The first word and the rest, whose outer blanks and then outer quotes are taken off; nil for a comment.
    private static func parts(of line: String) -> (key: String, value: String)? {
        let text = line.trimmed
        guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
        let end = text.firstIndex { $0 == " " || $0 == "\t" } ?? text.endIndex
        var value = text[end...].trimmed
        if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
            value = String(value.dropFirst().dropLast())
        }
        return (String(text[..<end]), value)
    }
}

extension StringProtocol {
    /// Without the blanks around it, and the CR of a line end.
    var trimmed: String {
        var text = Substring(self).drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// Why a command whose output was wanted printed none.
public struct EvaluationFailure: Error, Hashable, Sendable {
    public let reason: String

    public init(reason: String) {
        self.reason = reason
    }
}
