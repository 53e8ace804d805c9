/// The message that tells a sender what became of a message, in words and for machines (RFC 3464, RFC 6522).
public struct DeliveryReport: Sendable {
    /// What became of a recipient (RFC 3464 §2.3.3).
    public enum Action: Hashable, Sendable {
        case failed
        /// It is tried again, until that time.
        case delayed(until: Timestamp)
        case delivered
        /// It went on to a server that reports nothing itself.
        case relayed
    }

    /// One recipient.
    public struct Entry: Hashable, Sendable {
        public let recipient: Recipient
        public let action: Action
        /// The enhanced status code (RFC 3463).
        public let status: String
        /// For a person: who was asked, and what came of it; empty where there is nothing to say.
        public let reason: String
        /// Nil where no next hop has said anything.
        public let reply: RemoteReply?

        public init(_ recipient: Recipient, _ action: Action, status: String, reason: String, reply: RemoteReply?) {
            self.recipient = recipient
            self.action = action
            self.status = status
            self.reason = reason
            self.reply = reply
        }
    }

    /// What a next hop said.
    public struct RemoteReply: Hashable, Sendable {
        /// Its reply on one line: `550 5.1.1 no such user`.
        public let text: String
        /// Its domain, or its address in brackets; nil where it has neither.
        public let host: String?

        public init(text: String, host: String?) {
            self.text = text
            self.host = host
        }
    }

    /// What the report is about.
    public struct Subject: Sendable {
        public let id: QueueID
        public let received: Timestamp
        /// The sender's own name for it.
        public let envelopeID: EnvelopeID?

        public init(id: QueueID, received: Timestamp, envelopeID: EnvelopeID? = nil) {
            self.id = id
            self.received = received
            self.envelopeID = envelopeID
        }
    }

    private let id: QueueID
    private let hostname: Domain
    private let sender: Mailbox
    private let date: Timestamp
    private let subject: Subject
    private let entries: [Entry]
    private let returned: ReturnedPart

    /// - Parameters:
    ///   - id: the report's own.
    ///   - hostname: of the server that reports.
    ///   - sender: the reverse-path of the message; there is no report for the null one (RFC 3461 §5.2).
    ///   - entries: at least one; the first says what the report is called.
    public init(
        id: QueueID, from hostname: Domain, to sender: Mailbox, at date: Timestamp, about subject: Subject,
        entries: [Entry], returning returned: ReturnedPart
    ) {
        self.id = id
        self.hostname = hostname
        self.sender = sender
        self.date = date
        self.subject = subject
        self.entries = entries
        self.returned = returned
    }

    /// The whole message, with CRLF, in 7-bit octets: every way can carry it.
    public var octets: [UInt8] {
        let head = header + "--\(boundary)\r\n" + words.part + "\r\n--\(boundary)\r\n" + status
        var octets = Array(head.utf8)
        if !returned.octets.isEmpty { octets += "\r\n--\(boundary)\r\n".utf8 + returned.octets }
        return octets + "\r\n--\(boundary)--\r\n".utf8
    }

    /// The id is random and new, so no line of a message can hold it.
    private var boundary: String { "=_\(id)" }

    private var words: ReportWords { ReportWords(hostname: hostname, subject: subject, entries: entries) }

    private var header: String {
        """
        From: MAILER-DAEMON@\(hostname)\r
        To: \(sender)\r
        Subject: \(words.title)\r
        Date: \(CalendarDate(date).mailDate)\r
        Message-ID: \(MessageID(for: id, at: hostname))\r
        Auto-Submitted: auto-replied\r
        MIME-Version: 1.0\r
        Content-Type: multipart/report; report-type=delivery-status;\r
         boundary="\(boundary)"\r
        \r

        """
    }

    private var status: String {
        """
        Content-Type: message/delivery-status\r
        \r
        \(subject.envelopeID.map { "Original-Envelope-Id: \($0.text)\r\n" } ?? "")Reporting-MTA: dns; \(hostname)\r
        Arrival-Date: \(CalendarDate(subject.received).mailDate)\r
        \(entries.map { "\r\n" + $0.fields }.joined())
        """
    }
}

extension DeliveryReport.Entry {
    /// At most so many octets of a report are about this recipient.
    public var length: Int { fields.utf8.count + ReportWords.lines(of: [self]).utf8.count + 2 }

    /// The fields for machines (RFC 3464 §2.3).
    fileprivate var fields: String {
        var fields: [String] = []
        // SUB-204: present if, and only if, the sender gave one. Its octets are visible ASCII and blanks by its type.
        if let original = recipient.originalRecipient {
            fields.append("Original-Recipient: \(original.addressType); \(original.address)")
        }
        fields += ["Final-Recipient: rfc822; \(recipient.mailbox)", "Action: \(action.word)", "Status: \(status)"]
        if let host = reply?.host { fields.append(ReportText.folded("Remote-MTA: dns; \(host)", continuation: " ")) }
        if let reply { fields.append(ReportText.folded("Diagnostic-Code: smtp; \(reply.text)", continuation: " ")) }
        if case .delayed(let end) = action { fields.append("Will-Retry-Until: \(CalendarDate(end).mailDate)") }
        return fields.map { $0 + "\r\n" }.joined()
    }
}

extension DeliveryReport.Action {
    fileprivate var word: String {
        switch self {
        case .failed: "failed"
        case .delayed: "delayed"
        case .delivered: "delivered"
        case .relayed: "relayed"
        }
    }
}
