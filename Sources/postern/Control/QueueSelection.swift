import ArgumentParser
import PosternMail

/// Which recipients of which messages a command means.
struct QueueConditions: ParsableArguments {
    @Option(help: "Messages of this sender; <> for reports.")
    var sender: String?

    @Option(help: "This recipient.")
    var recipient: String?

    @Option(help: "Recipients of this domain.")
    var destination: String?

    @Option(help: "Messages that came longer ago: 30m, 1h30m, 7d.")
    var olderThan: String?

    @Option(help: "Messages that came since then.")
    var youngerThan: String?

    @Option(help: "Recipients whose last failure, or hold, has this text in it.")
    var reason: String?

    @Option(help: "Recipients in this state: waiting, under-way, held, failed or damaged.")
    var inState: String?

    var values: [(key: String, value: String)] {
        [
            ("sender", sender), ("recipient", recipient), ("destination", destination), ("older-than", olderThan),
            ("younger-than", youngerThan), ("reason", reason), ("in-state", inState),
        ].compactMap { key, value in value.map { (key, $0) } }
    }

    /// The conditions and ids as the query of a GET.
    func query(_ ids: [String] = []) -> String {
        let pairs = values + ids.map { ("id", $0) }
        guard !pairs.isEmpty else { return "" }
        return "?" + pairs.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
    }

    /// RFC 3986 §2.1.
    static func encoded(_ text: String) -> String {
        text.utf8.map { octet in
            let isUnreserved =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= octet || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octet
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet || "-._~".utf8.contains(octet)
            guard !isUnreserved else { return String(UnicodeScalar(octet)) }
            let digits = String(octet, radix: 16, uppercase: true)
            return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }.joined()
    }

    /// The same as the body of a POST.
    func body(_ ids: [String], isEverything: Bool, note: String? = nil) -> [UInt8] {
        var json = JSONText()
        json.open()
        if !ids.isEmpty {
            json.key("ids")
            json.openList()
            for id in ids {
                json.separate()
                json.string(id, limit: 1_024)
            }
            json.closeList()
        }
        if isEverything {
            json.key("all")
            json.boolean(true)
        }
        for (key, value) in values + (note.map { [("note", $0)] } ?? []) {
            json.key(key)
            json.string(value, limit: 4_096)
        }
        json.close()
        return json.octets
    }
}

/// What a command changes: by ids, by conditions, or, if it is said so, everything.
struct QueueSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("Queue ids, as the 250 and the log have them.", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var conditions: QueueConditions

    @Flag(help: "The whole queue.")
    var all = false

    func body(note: String? = nil) -> [UInt8] { conditions.body(ids, isEverything: all, note: note) }
}
