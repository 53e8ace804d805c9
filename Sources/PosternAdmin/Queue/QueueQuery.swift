import Foundation
import Hummingbird
import PosternMail
import PosternQueue

/// What is wrong with a request, in a sentence.
struct QueryError: Error {
    let sentence: String
}

/// Which recipients a request means: for a GET from its query, for a POST from a JSON object in its body. Nothing that is
/// not known is passed over, for a condition that is not honoured would name too much.
struct QueueQuery {
    /// Values by their keys.
    private var values: [Key: String] = [:]
    private var ids: [String] = []
    private var namesEverything = false

    enum Key: String, CaseIterable {
        case sender, recipient, destination, reason
        case inState = "in-state"
        case olderThan = "older-than"
        case youngerThan = "younger-than"
        // Of a listing
        case after, limit
        // Of a hold
        case note
    }

    static let largestPage = 5_000
    static let mostIDs = 1_000

    /// From the query of a GET.
    init(_ request: Request, allowing keys: Set<Key>) throws(QueryError) {
        for (key, value) in request.uri.queryParameters {
            try set(String(key), to: String(value), allowing: keys)
        }
    }

    /// One message.
    init(id: String) throws(QueryError) {
        ids = [id]
        ids = try parsedIDs().map(\.description)
    }

    /// From the body of a POST.
    init(body: ByteBuffer, allowing keys: Set<Key>) throws(QueryError) {
        let object: Any
        do {
            object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView))
        } catch {
            throw QueryError(sentence: "the body is no JSON: expected an object such as {\"ids\": [\"…\"]}")
        }
        guard let object = object as? [String: Any] else { throw QueryError(sentence: "the body is no JSON object") }
        for (key, value) in object {
            switch (key, value) {
            case ("ids", let texts as [String]): ids += texts
            case ("all", let flag as Bool): namesEverything = flag
            case (_, let text as String): try set(key, to: text, allowing: keys)
            default: throw QueryError(sentence: "\(key) is not of the kind that is expected there")
            }
        }
    }

    private mutating func set(_ key: String, to value: String, allowing keys: Set<Key>) throws(QueryError) {
        if key == "id" { return ids.append(value) }
        guard let known = Key(rawValue: key), keys.contains(known) else {
            let names = keys.map(\.rawValue).sorted().joined(separator: ", ")
            throw QueryError(sentence: "'\(key)' is not known here; known are id, \(names)")
        }
        guard values.updateValue(value, forKey: known) == nil else { throw QueryError(sentence: "\(key) stands twice") }
    }

    /// The same request for the page that begins behind a place.
    func path(after cursor: QueueCursor) -> String {
        var next = values
        next[.after] = "\(cursor)"
        let pairs = next.map { ($0.key.rawValue, $0.value) } + ids.map { ("id", $0) }
        let query = pairs.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
        return "/queue?" + query.sorted().joined(separator: "&")
    }

    subscript(_ key: Key) -> String? { values[key] }

    /// The conditions as an operator types them, for the audit log.
    var arguments: [String] {
        let conditions = Key.allCases.compactMap { key in
            values[key].flatMap { key == .after || key == .limit ? nil : "--\(key.rawValue) \($0)" }
        }
        return ids + conditions + (namesEverything ? ["--all"] : [])
    }

    static let conditions: Set<Key> = [.sender, .recipient, .destination, .reason, .inState, .olderThan, .youngerThan]

    func filter(at now: Timestamp) throws(QueryError) -> QueueFilter {
        var filter = QueueFilter()
        if !ids.isEmpty { filter.ids = try parsedIDs() }
        filter.sender = try values[.sender].map { text throws(QueryError) in try Self.sender(text) }
        filter.recipient = try values[.recipient].map { text throws(QueryError) in try Self.mailbox(text) }
        filter.destination = try values[.destination].map { text throws(QueryError) in try Self.host(text) }
        filter.receivedBefore = try values[.olderThan].map { text throws(QueryError) in now - (try Self.age(text)) }
        filter.receivedAfter = try values[.youngerThan].map { text throws(QueryError) in now - (try Self.age(text)) }
        filter.reason = try values[.reason].map { text throws(QueryError) in try Self.reason(text) }
        filter.state = try values[.inState].map { text throws(QueryError) in try Self.state(text) }
        return filter
    }

    /// As `filter`, for a change: the whole queue must be named as such.
    func changeFilter(at now: Timestamp) throws(QueryError) -> QueueFilter {
        let filter = try filter(at: now)
        guard filter.isEverything != namesEverything else { return filter }
        guard namesEverything else {
            throw QueryError(
                sentence: "nothing is named: give ids, or conditions, or say that you mean the whole queue (--all)")
        }
        return filter
    }

    private func parsedIDs() throws(QueryError) -> [QueueID] {
        guard ids.count <= Self.mostIDs else {
            throw QueryError(sentence: "\(ids.count) ids at once; expected \(Self.mostIDs) at most, or a condition")
        }
        return try ids.map { text throws(QueryError) in
            guard let id = QueueID(text.uppercased()) else {
                throw QueryError(
                    sentence:
                        "'\(text)' is no queue id: expected 20 letters and digits, as the 250 and the log have them")
            }
            return id
        }
    }

    /// From 1 to 5,000; 1,000 if nothing is said.
    func limit() throws(QueryError) -> Int {
        guard let text = values[.limit] else { return 1_000 }
        guard let limit = Int(text), (1...Self.largestPage).contains(limit) else {
            throw QueryError(sentence: "limit: expected a number from 1 to \(Self.largestPage), found '\(text)'")
        }
        return limit
    }

    func cursor() throws(QueryError) -> QueueCursor? {
        guard let text = values[.after] else { return nil }
        guard let cursor = QueueCursor(text) else {
            throw QueryError(sentence: "after: expected what a page before has named")
        }
        return cursor
    }

    private static func mailbox(_ text: String) throws(QueryError) -> Mailbox {
        guard let mailbox = Mailbox(text) else {
            throw QueryError(sentence: "expected an address such as bob@example.net, found '\(text)'")
        }
        return mailbox
    }

    private static func sender(_ text: String) throws(QueryError) -> ReversePath {
        if text == "<>" { return .null }
        guard let mailbox = Mailbox(text) else {
            throw QueryError(sentence: "sender: expected an address, or <> for reports, found '\(text)'")
        }
        return .mailbox(mailbox)
    }

    private static func host(_ text: String) throws(QueryError) -> Mailbox.Host {
        guard let mailbox = Mailbox("x@\(text)") else {
            throw QueryError(sentence: "destination: expected a domain such as example.net, found '\(text)'")
        }
        return mailbox.host
    }

    private static func age(_ text: String) throws(QueryError) -> Duration {
        guard let age = AgeText.duration(text) else {
            throw QueryError(sentence: "expected an age such as 30m, 1h30m or 7d, found '\(text)'")
        }
        return age
    }

    /// No text stands in every reason: a variable of a script that is empty must not mean all that ever failed. SQLite's
    /// functions take a text for one that ends at its first NUL.
    private static func reason(_ text: String) throws(QueryError) -> String {
        guard !text.isEmpty, !text.utf8.contains(0) else {
            throw QueryError(sentence: "reason: expected some text, found '\(text)'")
        }
        return text
    }

    private static func state(_ text: String) throws(QueryError) -> RecipientState {
        guard let state = RecipientState(rawValue: text) else {
            let names = RecipientState.allCases.map(\.rawValue).joined(separator: ", ")
            throw QueryError(sentence: "in-state: expected one of \(names), found '\(text)'")
        }
        return state
    }
}

extension Timestamp {
    fileprivate static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        moment + (.zero - duration)
    }
}
