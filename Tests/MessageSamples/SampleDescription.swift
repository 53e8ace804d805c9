import PosternClient
import PosternMail
import PosternSASL

extension MessageSamples {
    /// What must be found in the message, as JSON.
    static func description(of sample: Sample, _ composed: ComposedMessage) -> [UInt8] {
        let message = sample.message
        var json = JSONText()
        json.open()
        json.add("subject", message.subject)
        json.add("structure", sample.structure)
        json.add("from", [message.from])
        json.add("sender", message.sender.map { [$0] } ?? [])
        json.add("to", message.to)
        json.add("cc", message.cc)
        json.add("reply-to", message.replyTo)
        json.add("references", message.references.map(\.description))
        json.add("reverse-path", composed.envelope.reversePath.description)
        json.add("recipients", composed.envelope.recipients.map(\.mailbox.description))
        json.key("length")
        json.number(composed.content.length ?? -1)
        json.key("smtputf8")
        json.boolean(sample.needsSMTPUTF8 && composed.needsSMTPUTF8)
        json.key("eight-bit")
        json.boolean(sample.isEightBit && composed.envelope.body == .eightBit)
        json.key("parts")
        json.openList()
        for part in sample.parts {
            json.separate()
            json.open()
            json.add("type", part.type)
            json.add("disposition", part.disposition ?? "")
            json.add("name", part.name ?? "")
            json.add("id", part.id ?? "")
            json.add("octets", Base64.encode(part.octets))
            json.close()
        }
        json.closeList()
        json.close()
        return json.octets
    }
}

extension JSONText {
    fileprivate mutating func add(_ name: String, _ text: String) {
        key(name)
        string(text, limit: .max)
    }

    fileprivate mutating func add(_ name: String, _ texts: [String]) {
        key(name)
        openList()
        for text in texts {
            separate()
            string(text, limit: .max)
        }
        closeList()
    }

    fileprivate mutating func add(_ name: String, _ mailboxes: [NamedMailbox]) {
        key(name)
        openList()
        for mailbox in mailboxes {
            separate()
            openList()
            string(mailbox.name ?? "", limit: .max)
            separate()
            string(mailbox.mailbox.description, limit: .max)
            closeList()
        }
        closeList()
    }
}
