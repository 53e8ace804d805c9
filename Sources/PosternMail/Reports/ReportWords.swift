/// What a report says to a person.
struct ReportWords {
    let hostname: Domain
    let subject: DeliveryReport.Subject
    let entries: [DeliveryReport.Entry]

    /// What is worst, for the list of a mail program.
    var title: String {
        switch entries.first?.action {
        case .failed, nil: "Your message could not be delivered"
        case .delayed: "Your message is delayed"
        case .delivered: "Your message was delivered"
        case .relayed: "Your message was passed on"
        }
    }

    /// The first part of the report, with its header.
    var part: String {
        """
        Content-Type: text/plain; charset=us-ascii\r
        \r
        This is the mail server \(hostname).\r
        \r
        \(sections)It came in on \(CalendarDate(subject.received).mailDate) with the queue id\r
        \(subject.id), by which the log here knows it.\r

        """
    }

    /// A section for each kind of outcome, the worst first.
    private var sections: String {
        let kinds: [(DeliveryReport.Entry) -> Bool] = [
            { $0.action == .failed },
            { if case .delayed = $0.action { true } else { false } },
            { $0.action == .delivered },
            { $0.action == .relayed },
        ]
        return kinds.map { isKind in
            let entries = entries.filter(isKind)
            guard let action = entries.first?.action else { return "" }
            return Self.sentence(action, entries.count) + "\r\n\r\n" + Self.lines(of: entries) + "\r\n"
        }.joined()
    }

    private static func sentence(_ action: DeliveryReport.Action, _ count: Int) -> String {
        let whom = count == 1 ? "this recipient" : "these recipients"
        return switch action {
        case .failed: "Your message could not be delivered to \(whom), and will not be\r\ntried again:"
        case .delayed(let end):
            """
            Your message has not yet been delivered to \(whom). You need not\r
            do anything: it is tried again until \(CalendarDate(end).mailDate):
            """
        case .delivered: "Your message was delivered to \(whom):"
        case .relayed:
            """
            Your message was passed on for \(whom) to another server, which\r
            does not tell what becomes of it there:
            """
        }
    }

    /// The recipients, and below those who share a reason, that reason once.
    static func lines(of entries: [DeliveryReport.Entry]) -> String {
        var lines = ""
        for (index, entry) in entries.enumerated() {
            lines += "<\(entry.recipient.mailbox)>: \(entry.status)\r\n"
            let next = index + 1 < entries.count ? entries[index + 1] : nil
            guard next?.status != entry.status || next?.reason != entry.reason else { continue }
            if !entry.reason.isEmpty {
                lines += ReportText.folded(entry.reason, indent: "    ", continuation: "    ") + "\r\n"
            }
            if next != nil { lines += "\r\n" }
        }
        return lines
    }
}
