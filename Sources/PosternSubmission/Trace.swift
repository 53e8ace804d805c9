import PosternMail
import PosternSMTP

/// The Received line that every server on the way puts before a message (RFC 5321 §4.4).
struct Trace {
    let client: Hello
    let clientAddress: String
    let account: String
    let isAuthenticated: Bool
    let hostname: Domain
    let id: QueueID
    let envelope: Envelope
    let received: Timestamp

    /// The field with its line ends.
    var field: String {
        // RFC 5321 §7.2: with several recipients a FOR clause would tell each of the others.
        let recipient = envelope.recipients.count == 1 ? "\r\n\tfor <\(envelope.recipients[0].mailbox)>" : ""
        return """
            Received: from \(client.name) (\(addressLiteral))\r
            \t(authenticated as \(commentText(account)))\r
            \tby \(hostname) with \(keyword) id \(id)\(recipient);\r
            \t\(CalendarDate(received).mailDate)\r\n
            """
    }

    /// RFC 3848 §1: S for TLS, which always runs here, A for a successful AUTH. A permission on a certificate alone, as
    /// policy `implicit` gives it, is none.
    private var keyword: String {
        switch client {
        case .helo: "SMTP"
        case .ehlo: isAuthenticated ? "ESMTPSA" : "ESMTPS"
        }
    }

    private var addressLiteral: String {
        clientAddress.utf8.contains(UInt8(ascii: ":")) ? "[IPv6:\(clientAddress)]" : "[\(clientAddress)]"
    }

    /// A comment must not be closed, or a line begun, by what stands in it.
    private func commentText(_ text: String) -> String {
        String(
            decoding: text.utf8.map { (33...126).contains($0) && !"()\\".utf8.contains($0) ? $0 : UInt8(ascii: "?") },
            as: UTF8.self)
    }
}

/// How the client introduced itself.
enum Hello: Hashable, Sendable {
    case ehlo(ClientName)
    case helo(ClientName)

    var name: ClientName {
        switch self {
        case .ehlo(let name), .helo(let name): name
        }
    }
}
