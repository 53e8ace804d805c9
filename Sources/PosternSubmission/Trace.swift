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

    /// Adds the field with its line ends.
    func write(into octets: inout [UInt8]) {
        octets += "Received: from ".utf8
        octets += client.name.description.utf8
        octets += clientAddress.utf8.contains(UInt8(ascii: ":")) ? " ([IPv6:".utf8 : " ([".utf8
        octets += clientAddress.utf8
        octets += "])\r\n\t(authenticated as ".utf8
        // A comment must not be closed, or a line begun, by what stands in it.
        for octet in account.utf8 {
            let isText = (33...126).contains(octet) && octet != UInt8(ascii: "(") && octet != UInt8(ascii: ")")
            octets.append(isText && octet != UInt8(ascii: "\\") ? octet : UInt8(ascii: "?"))
        }
        octets += ")\r\n\tby ".utf8
        octets += hostname.text.utf8
        octets += " with ".utf8
        octets += keyword.utf8
        octets += " id ".utf8
        octets += id.description.utf8
        // RFC 5321 §7.2: with several recipients a FOR clause would tell each of the others.
        if envelope.recipients.count == 1 {
            octets += "\r\n\tfor <".utf8
            octets += envelope.recipients[0].mailbox.description.utf8
            octets += ">".utf8
        }
        octets += ";\r\n\t".utf8
        octets += CalendarDate(received).mailDate.utf8
        octets += "\r\n".utf8
    }

    /// RFC 3848 §1: S for TLS, which always runs here, A for a successful AUTH. A permission on a certificate alone, as
    /// policy `implicit` gives it, is none.
    private var keyword: String {
        switch client {
        case .helo: "SMTP"
        case .ehlo: isAuthenticated ? "ESMTPSA" : "ESMTPS"
        }
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
