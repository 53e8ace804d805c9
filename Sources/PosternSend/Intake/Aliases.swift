import PosternMail

/// A file of aliases as msmtp reads it: `local: address, address`, and `default:` for every other local name.
public struct Aliases: Sendable {
    private var entries: [String: [Target]] = [:]

    private struct Target: Sendable {
        var text: String
        var place: Place

        /// In sendmail's files mail may go to a program, a file, or whoever a file names.
        var isAddress: Bool {
            !["|", "/", "\"", ":"].contains { text.hasPrefix($0) }
        }
    }

    public static let none = Aliases()

    private init() {}

    /// Lines that begin with a blank go on with the one above, as in sendmail's own files.
    public init(reading octets: [UInt8], named path: String) throws(AccountError) {
        var name: String?
        for (number, raw) in zip(1..., octets.split(separator: .lineFeed, omittingEmptySubsequences: false)) {
            let place = Place.file(path, line: number)
            let text = String(decoding: raw.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
            let line = text.trimmed
            guard !line.isEmpty else { continue }
            if text.first == " " || text.first == "\t", let name {
                entries[name]?.append(contentsOf: Self.targets(line, place))
                continue
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].trimmed.asciiLowercased
            guard parts.count == 2, !key.isEmpty, !key.contains("@") else {
                throw .badLine(place, found: line, expected: "a local name, a colon and addresses")
            }
            guard entries[key] == nil else {
                throw .badLine(place, found: key, expected: "a name that is not taken yet")
            }
            entries[key] = Self.targets(String(parts[1]), place)
            name = key
        }
    }

    public var count: Int { entries.count }

    /// Where mail for a local name goes; the name itself where no alias is there for it.
    func expanded(_ local: String) throws(IntakeError) -> [String] {
        try expanded(local, through: [])
    }

    private func expanded(_ local: String, through seen: Set<String>) throws(IntakeError) -> [String] {
        let key = local.asciiLowercased
        guard !seen.contains(key) else { throw .aliasLoop(local) }
        guard let targets = entries[key] ?? (seen.isEmpty ? entries["default"] : nil) else { return [local] }
        var found: [String] = []
        for target in targets {
            guard target.isAddress else { throw .aliasTarget(target.place, target.text) }
            let target = target.text
            // In sendmail's files a backslash says that no other alias is meant.
            if target.hasPrefix("\\") {
                found.append(String(target.dropFirst()))
            } else if target.contains("@") {
                found.append(target)
            } else {
                found += try expanded(target, through: seen.union([key]))
            }
        }
        return found
    }

    private static func targets(_ text: String, _ place: Place) -> [Target] {
        text.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }.map { Target(text: $0, place: place) }
    }
}
