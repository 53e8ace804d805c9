public import PosternMail

/// A message that was found right, as it goes out: only ``Message/composed(at:)`` makes one.
public struct ComposedMessage: Sendable {
    public let id: MessageID
    /// From whom and to whom: everybody of To, Cc and Bcc, nobody twice. Its `body` says whether 8-bit octets are in it.
    public let envelope: Envelope
    /// Whether an address in its envelope or header has letters beyond ASCII, so that only a server with SMTPUTF8 can have it
    /// (RFC 6531 §3.2). Nothing else asks for that.
    public let needsSMTPUTF8: Bool
    public let content: MessageContent
}

extension Message {
    /// What goes out.
    ///
    /// - Parameter postmark: its date, and the source of its identifier and boundaries.
    /// - Throws: if the subject holds a control character, a Message-ID is too long for a line, there is no recipient, two
    ///   inline parts have one identifier, or an attached message cannot be carried.
    public func composed(at postmark: Postmark = .now()) throws(MessageError) -> ComposedMessage {
        try checkHeader()
        let body = try BodyEntity(of: self)
        let id = id ?? MessageID(for: postmark.id, at: from.mailbox.host)
        let needsSMTPUTF8 = !(shown + bcc).allSatisfy(\.mailbox.isASCII) || !path.isASCII
        let isEightBit = needsSMTPUTF8 || body.isEightBit
        guard
            let envelope = Envelope(
                reversePath: path, recipients: recipients, body: isEightBit ? .eightBit : .sevenBit)
        else { throw .noRecipients }
        let sections = body.sections(header: header(id, at: postmark), token: body.token(from: postmark.id.description))
        return ComposedMessage(
            id: id, envelope: envelope, needsSMTPUTF8: needsSMTPUTF8, content: MessageContent(sections))
    }

    /// What the types of its values do not say.
    private func checkHeader() throws(MessageError) {
        guard !subject.hasControlCharacter else { throw .controlCharacter(field: "the subject", value: subject) }
        let ids = (id.map { [$0] } ?? []) + inReplyTo + references
        if let id = ids.first(where: { $0.description.utf8.count > HeaderField.longestWord }) {
            throw .structuredValue(field: "the Message-ID", value: id.description)
        }
    }

    private var path: ReversePath { reversePath ?? .mailbox((sender ?? from).mailbox) }

    /// Who is named in it.
    private var shown: [NamedMailbox] { [from] + (sender.map { [$0] } ?? []) + replyTo + to + cc }

    private var recipients: [Mailbox] {
        var known: Set<Mailbox> = []
        return (to + cc + bcc).map(\.mailbox).filter { known.insert($0).inserted }
    }

    /// RFC 5322 §3.6, without Bcc.
    private func header(_ id: MessageID, at postmark: Postmark) -> FieldWriter {
        var header = FieldWriter()
        header.write("Date", words: [CalendarDate(date ?? postmark.date).mailDate])
        header.write("From", [from])
        if let sender, sender.mailbox != from.mailbox { header.write("Sender", [sender]) }
        header.write("Reply-To", replyTo)
        header.write("To", to)
        header.write("Cc", cc)
        // A message without a destination is allowed, but looks to filters like one that hides something.
        if to.isEmpty, cc.isEmpty { header.write("To", words: ["undisclosed-recipients:;"]) }
        if !subject.isEmpty { header.write("Subject", text: subject) }
        header.write("Message-ID", words: [id.description])
        header.write("In-Reply-To", inReplyTo)
        header.write("References", references)
        for field in fields { header.write(field) }
        header.write("MIME-Version", words: ["1.0"])
        return header
    }
}

extension ReversePath {
    fileprivate var isASCII: Bool {
        switch self {
        case .null: true
        case .mailbox(let mailbox): mailbox.isASCII
        }
    }
}
