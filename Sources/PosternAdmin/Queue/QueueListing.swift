import PosternMail
import PosternQueue

/// The queue in the two forms of an answer.
enum QueueListing {
    /// Octets of an address, a reason or a damage that are shown.
    private static let limit = 1_024

    /// An object a line, a message each.
    static func json(_ page: QueuePage) -> [UInt8] {
        var json = JSONText()
        for entry in page.entries {
            add(entry, to: &json)
            json.newLine()
        }
        return json.octets
    }

    private static func add(_ entry: QueueEntry, to json: inout JSONText) {
        json.open()
        json.field("id", entry.id.description)
        json.field("sender", entry.sender)
        json.field("size", entry.length)
        json.field("received", moment(entry.received))
        json.field("account", entry.account)
        json.field("authentication", entry.authentication)
        json.field("body", entry.bodyType)
        if let damage = entry.damage { json.field("damage", damage) }
        json.key("recipients")
        json.openList()
        for recipient in entry.recipients {
            json.separate()
            add(recipient, to: &json)
        }
        json.closeList()
        json.key("more-recipients")
        json.boolean(entry.hasMoreRecipients)
        json.close()
    }

    private static func add(_ recipient: QueuedRecipient, to json: inout JSONText) {
        json.open()
        json.field("mailbox", recipient.mailbox)
        json.field("state", recipient.state.rawValue)
        json.field("attempts", recipient.attempts)
        json.field("due", moment(recipient.due))
        if let reason = recipient.reason { json.field("reason", reason) }
        if let hold = recipient.hold { json.field("hold", hold) }
        json.close()
    }

    /// In the manner of mailq: a line for the message, and for each recipient one with what became of it and one with its
    /// address.
    static func text(_ page: QueuePage, at now: Timestamp) -> String {
        var text = ""
        text.reserveCapacity(page.entries.count * 200)
        for entry in page.entries {
            text += "\(entry.id) \(padded(entry.length, 10)) \(moment(entry.received))  \(sender(entry))\n"
            if let damage = entry.damage { text += "    (damaged: \(SafeText.escape(damage, limit: limit)))\n" }
            for recipient in entry.recipients {
                if let words = words(for: recipient, at: now) { text += "    (\(words))\n" }
                text += "\(indent)\(SafeText.escape(recipient.mailbox, limit: limit))\n"
            }
            if entry.hasMoreRecipients { text += "\(indent)… and more\n" }
        }
        return text
    }

    private static let indent = String(repeating: " ", count: 54)

    /// One message at length.
    static func details(of entry: QueueEntry, at now: Timestamp) -> String {
        var lines = [
            "id              \(entry.id)", "sender          \(sender(entry))",
            "received        \(moment(entry.received)), \(AgeText.words(now - entry.received)) ago",
            "size            \(entry.length) octets, \(SafeText.escape(entry.bodyType))",
            "account         \(SafeText.escape(entry.account, limit: limit))",
        ]
        if !entry.authentication.isEmpty { lines.append("authentication  \(SafeText.escape(entry.authentication))") }
        if let damage = entry.damage { lines.append("damage          \(SafeText.escape(damage, limit: limit))") }
        for recipient in entry.recipients {
            lines.append("recipient       \(SafeText.escape(recipient.mailbox, limit: limit))")
            lines.append("                \(state(recipient, at: now)), \(Count.of(recipient.attempts, "attempt"))")
            if let hold = recipient.hold {
                lines.append("                held: \(SafeText.escape(hold, limit: limit))")
            }
            if let reason = recipient.reason {
                lines.append("                last: \(SafeText.escape(reason, limit: limit))")
            }
        }
        if entry.hasMoreRecipients { lines.append("                … and more; a condition names some of them") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sender(_ entry: QueueEntry) -> String {
        entry.sender.isEmpty ? "<>" : SafeText.escape(entry.sender, limit: limit)
    }

    /// Nil for what is new and simply waits its turn.
    private static func words(for recipient: QueuedRecipient, at now: Timestamp) -> String? {
        if recipient.state == .waiting, recipient.attempts == 0, recipient.reason == nil { return nil }
        let why = [recipient.hold, recipient.reason].compactMap { $0 }.map { ": \(SafeText.escape($0, limit: limit))" }
        return state(recipient, at: now) + why.joined()
    }

    private static func state(_ recipient: QueuedRecipient, at now: Timestamp) -> String {
        switch recipient.state {
        case .waiting where recipient.due > now: "next try \(moment(recipient.due))"
        case .waiting: "due now"
        case .underWay: "being delivered"
        case .failed: "failed, and nobody could be told"
        case .damaged: "damaged"
        case .held: "held"
        }
    }

    private static func moment(_ moment: Timestamp) -> String { CalendarDate(moment).description }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: " ", count: max(0, width - digits.utf8.count)) + digits
    }
}
