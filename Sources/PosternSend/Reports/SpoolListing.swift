import PosternMail

/// What `mailq` prints.
public enum SpoolListing {
    public static func lines(_ entries: [Spool.Entry], damaged: [String], in folder: String) -> [String] {
        guard !entries.isEmpty || !damaged.isEmpty else { return ["Mail queue is empty"] }
        var lines = entries.flatMap(self.lines)
        lines += damaged.map { "\($0): damaged; it is not whole, or no message" }
        let failed = entries.count { $0.isFailed }
        lines.append(
            "-- \(entries.count - failed) waiting, \(failed) refused for good"
                + (failed > 0
                    ? " (in \(folder)/failed; move one to \(folder)/queue to try it again, or remove it)" : ""))
        return lines.map { SafeText.escape($0, limit: 2_000) }
    }

    private static func lines(_ entry: Spool.Entry) -> [String] {
        let message = entry.message
        let state = entry.isFailed ? "refused" : entry.isHeld ? "being sent" : "waiting"
        var lines = [
            "\(message.id)  \(message.count) octets  \(CalendarDate(message.arrived))  \(message.envelope.reversePath)  \(state)"
        ]
        if !entry.notes.reason.isEmpty { lines.append("    (\(entry.notes.reason); tries: \(entry.notes.tries))") }
        for recipient in message.envelope.recipients {
            if let reason = entry.notes.refused[recipient.mailbox] {
                lines.append("    \(recipient.mailbox): \(reason)")
            } else if !entry.notes.done.contains(recipient.mailbox) {
                lines.append("    \(recipient.mailbox)")
            }
        }
        return lines
    }

    /// An object a line.
    public static func json(_ entry: Spool.Entry) -> [UInt8] {
        var json = JSONText()
        json.open()
        for (key, text) in [
            ("id", "\(entry.message.id)"), ("state", entry.isFailed ? "failed" : "waiting"),
            ("arrived", "\(CalendarDate(entry.message.arrived))"), ("from", "\(entry.message.envelope.reversePath)"),
            ("reason", entry.notes.reason),
        ] {
            json.key(key)
            json.string(text, limit: 1_000)
        }
        json.key("size")
        json.number(entry.message.count)
        json.key("tries")
        json.number(entry.notes.tries)
        json.key("recipients")
        json.openList()
        for recipient in entry.message.envelope.recipients where !entry.notes.done.contains(recipient.mailbox) {
            json.separate()
            json.string("\(recipient.mailbox)", limit: 400)
        }
        json.closeList()
        json.close()
        return json.octets
    }
}
