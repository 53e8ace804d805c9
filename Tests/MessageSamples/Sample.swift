import NIOCore
import PosternClient
import PosternMail

/// A message, and what a reader must find in it.
struct Sample: Sendable {
    /// A content as a reader must find it.
    struct Part: Sendable {
        var type: String
        var disposition: String?
        var name: String?
        var id: String?
        var octets: [UInt8]
    }

    let name: String
    let message: Message
    /// Its parts from outside: `mixed(text/plain application/pdf)`.
    let structure: String
    /// The octets of attachments that only come when it is written.
    var streamed: [[UInt8]] = []
    var needsSMTPUTF8 = false
    var isEightBit = false

    /// The same for all: what differs is the message's.
    static let postmark = Postmark(date: Timestamp(seconds: 1_795_641_600), random: 0x1234_5678_9ABC_DEF0)

    init(
        _ name: String, _ structure: String, streamed: [[UInt8]] = [], needsSMTPUTF8: Bool = false,
        isEightBit: Bool = false, _ change: (inout Message) throws -> Void
    ) throws {
        var message = try Message(
            from: NamedMailbox("alice@example.org"), to: [NamedMailbox("bob@example.net")], subject: name)
        try change(&message)
        self.name = name
        self.message = message
        self.structure = structure
        self.streamed = streamed
        self.needsSMTPUTF8 = needsSMTPUTF8
        self.isEightBit = isEightBit
    }

    /// In the order in which a reader meets them.
    var parts: [Part] {
        var parts: [Part] = []
        if let text = message.text { parts.append(Part(type: "text/plain", octets: Array(text.utf8))) }
        if let html = message.html {
            parts.append(Part(type: "text/html", octets: Array(html.source.utf8)))
        }
        if let invitation = message.invitation {
            parts.append(Part(type: "text/calendar", octets: Array(invitation.source.utf8)))
        }
        if let html = message.html {
            for part in html.inlineParts {
                parts.append(
                    Part(
                        type: part.type.description, disposition: "inline", name: part.name,
                        id: part.id.description, octets: octets(of: part.content)))
            }
        }
        for (index, attachment) in message.attachments.enumerated() {
            let octets = streamed.isEmpty ? octets(of: attachment.content) : streamed[index]
            parts.append(
                Part(
                    type: attachment.type.description, disposition: "attachment", name: attachment.name, octets: octets)
            )
        }
        return parts.isEmpty ? [Part(type: "text/plain", octets: [])] : parts
    }

    private func octets(of content: PartContent) -> [UInt8] {
        if case .octets(let buffer) = content.source { Array(buffer.readableBytesView) } else { [] }
    }
}
