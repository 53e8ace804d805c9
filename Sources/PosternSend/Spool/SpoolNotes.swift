public import PosternMail

/// What has become of a message of the spool so far. It stands in a small file beside it, which each try replaces.
public struct SpoolNotes: Hashable, Sendable {
    public var tries = 0
    public var lastTry: Timestamp?
    /// What went wrong the last time.
    public var reason = ""
    /// A try has begun and no end of it was written: what it did, nobody knows.
    public var isUnderWay = false
    /// Who is not to get it again: those that a server has taken, or refused.
    public var done: Set<Mailbox> = []
    /// Who was refused for good, and why.
    public var refused: [Mailbox: String] = [:]

    public init() {}

    var octets: [UInt8] {
        var lines = ["tries \(tries)"]
        if let lastTry { lines.append("last \(lastTry.seconds)") }
        if isUnderWay { lines.append("under-way") }
        if !reason.isEmpty { lines.append("reason \(Self.written(reason))") }
        lines += done.map { "done \(Self.written("\($0)"))" }.sorted()
        lines += refused.map { "refused \(Self.written("\($0.key)")) \(Self.written($0.value))" }.sorted()
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// A line that is not understood is left out: a note less is no mail less.
    init(reading octets: [UInt8]) {
        for line in octets.split(separator: .lineFeed) {
            let words = line.split(separator: .space).map { Array($0) }
            let key = words.first.map { String(decoding: $0, as: UTF8.self) }
            let texts = words.dropFirst().compactMap { Xtext.decode($0) }.map { String(decoding: $0, as: UTF8.self) }
            let mailbox = texts.first.flatMap { Mailbox($0) }
            switch key {
            case "tries": tries = texts.first.flatMap { Int($0) } ?? 0
            case "last": lastTry = texts.first.flatMap { Int64($0) }.map { Timestamp(seconds: $0) }
            case "under-way": isUnderWay = true
            case "reason": reason = texts.first ?? ""
            case "done": if let mailbox { done.insert(mailbox) }
            case "refused": if let mailbox { refused[mailbox] = texts.last }
            default: break
            }
        }
    }

    private static func written(_ text: String) -> String { String(decoding: Xtext.encode(text.utf8), as: UTF8.self) }
}
