/// The message that tells a sender which recipients were not reached, in words and for machines (RFC 3464, RFC 6522).
public struct DeliveryReport: Sendable {
    /// A recipient that will not be tried again.
    public struct Failure: Hashable, Sendable {
        public let recipient: Mailbox
        /// The enhanced status code (RFC 3463).
        public let status: String
        /// For a person: who was asked, and what came of it.
        public let reason: String
        /// Nil where no next hop has refused it.
        public let reply: RemoteReply?

        public init(recipient: Mailbox, status: String, reason: String, reply: RemoteReply?) {
            self.recipient = recipient
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
        /// Whole lines, each with its CRLF, without the empty line behind them; empty where it cannot be read any more.
        public let header: [UInt8]

        public init(id: QueueID, received: Timestamp, header: [UInt8]) {
            self.id = id
            self.received = received
            self.header = header
        }
    }

    private let id: QueueID
    private let hostname: Domain
    private let sender: Mailbox
    private let date: Timestamp
    private let subject: Subject
    private let failures: [Failure]

    /// - Parameters:
    ///   - id: the report's own.
    ///   - hostname: of the server that reports.
    ///   - sender: the reverse-path of the message; there is no report for the null one (RFC 3461 §5.2).
    ///   - failures: at least one.
    public init(
        id: QueueID, from hostname: Domain, to sender: Mailbox, at date: Timestamp, about subject: Subject,
        failures: [Failure]
    ) {
        self.id = id
        self.hostname = hostname
        self.sender = sender
        self.date = date
        self.subject = subject
        self.failures = failures
    }

    /// The whole message, with CRLF, in 7-bit octets: every way can carry it.
    public var octets: [UInt8] {
        var octets = Array((header + textPart + statusPart).utf8)
        if !subject.header.isEmpty { octets += headerPart }
        return octets + "\r\n--\(boundary)--\r\n".utf8
    }

    /// The id is random and new, so no line of a message can hold it.
    private var boundary: String { "=_\(id)" }

    private var header: String {
        """
        From: MAILER-DAEMON@\(hostname)\r
        To: \(sender)\r
        Subject: Your message could not be delivered\r
        Date: \(CalendarDate(date).mailDate)\r
        Message-ID: \(MessageID(for: id, at: hostname))\r
        Auto-Submitted: auto-replied\r
        MIME-Version: 1.0\r
        Content-Type: multipart/report; report-type=delivery-status;\r
         boundary="\(boundary)"\r
        \r

        """
    }

    private var textPart: String {
        let whom = failures.count == 1 ? "this recipient" : "these recipients"
        let entries = failures.map { failure in
            "<\(failure.recipient)>: \(failure.status)\r\n"
                + Self.folded(failure.reason, indent: "    ", continuation: "    ") + "\r\n\r\n"
        }
        return """
            --\(boundary)\r
            Content-Type: text/plain; charset=us-ascii\r
            \r
            This is the mail server \(hostname).\r
            \r
            Your message could not be delivered to \(whom), and will not be\r
            tried again:\r
            \r
            \(entries.joined())It came in on \(CalendarDate(subject.received).mailDate) with the queue id\r
            \(subject.id), by which the log here knows it.\r

            """
    }

    private var statusPart: String {
        """
        \r
        --\(boundary)\r
        Content-Type: message/delivery-status\r
        \r
        Reporting-MTA: dns; \(hostname)\r
        Arrival-Date: \(CalendarDate(subject.received).mailDate)\r
        \(failures.map { "\r\n" + Self.fields(of: $0) }.joined())
        """
    }

    private static func fields(of failure: Failure) -> String {
        var fields = [
            "Final-Recipient: rfc822; \(failure.recipient)", "Action: failed", "Status: \(failure.status)",
        ]
        if let host = failure.reply?.host { fields.append(folded("Remote-MTA: dns; \(host)", continuation: " ")) }
        if let reply = failure.reply {
            fields.append(folded("Diagnostic-Code: smtp; \(reply.text)", continuation: " "))
        }
        return fields.map { $0 + "\r\n" }.joined()
    }

    private var headerPart: [UInt8] {
        let isSafe = Self.isSafe(subject.header)
        let part = """
            \r
            --\(boundary)\r
            Content-Type: text/rfc822-headers\r
            \(isSafe ? "" : "Content-Transfer-Encoding: quoted-printable\r\n")\r

            """
        return part.utf8 + (isSafe ? subject.header : QuotedPrintable.encode(subject.header))
    }

    /// Whether the lines can go as they are where only 7 bits go (RFC 2045 §2.7).
    private static func isSafe(_ lines: [UInt8]) -> Bool {
        !lines.contains { $0 == 0 || $0 >= 0x80 }
            && lines.split(separator: .lineFeed).allSatisfy { line in
                line.count <= 999 && line.last == .carriageReturn && line.count(where: { $0 == .carriageReturn }) == 1
            }
    }
}

extension DeliveryReport {
    /// A reason may hold the path of a file, and whatever a next hop said.
    private static let longestText = 900

    /// Breaks a long text at blanks, and lets nothing in that is not visible ASCII.
    private static func folded(_ text: String, indent: String = "", continuation: String) -> String {
        let safe = String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(longestText).map { (32...126).contains($0.value) ? $0 : "?" }))
        var lines: [String] = []
        for word in safe.split(separator: " ") {
            if let line = lines.last, line.utf8.count + word.utf8.count < 78 {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append((lines.isEmpty ? indent : continuation) + word)
            }
        }
        return lines.joined(separator: "\r\n")
    }
}
