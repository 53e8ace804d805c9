import GRDB
import PosternMail

extension ReversePath {
    /// As the store writes it: without brackets.
    var column: String {
        switch self {
        case .null: ""
        case .mailbox(let mailbox): mailbox.description
        }
    }

    init(column: String) throws(Damage) {
        guard !column.isEmpty else {
            self = .null
            return
        }
        guard let mailbox = Mailbox(column) else { throw .row(column: "reverse-path", value: column) }
        self = .mailbox(mailbox)
    }
}

extension QueuedMessage {
    /// From the columns id, reverse_path, body_type, length, received, account, authentication, ret, envid.
    init(_ row: Row?) throws(Damage) {
        guard let row else { throw .row(column: "message", value: "no row") }
        guard let id = QueueID(row[0] as String) else { throw .row(column: "id", value: row[0]) }
        guard let bodyType = Envelope.Body(rawValue: row[2]) else { throw .row(column: "body type", value: row[2]) }
        self.init(
            id: id, reversePath: try ReversePath(column: row[1]), bodyType: bodyType, length: row[3],
            received: Timestamp(nanoseconds: row[4]), account: row[5], authentication: row[6],
            returnedContent: try value(of: row[7], in: "ret") { ReturnedContent(rawValue: $0) },
            envelopeID: try value(of: row[8], in: "envid") { EnvelopeID(xtext: $0.utf8) })
    }
}

extension ClaimedRecipient {
    /// From the columns position, mailbox, attempts, notify, orcpt, warned.
    init(_ row: Row) throws(Damage) {
        guard let mailbox = Mailbox(row[1] as String) else { throw .row(column: "recipient", value: row[1]) }
        let recipient = Recipient(
            mailbox, notify: try value(of: row[3], in: "notify") { Notify($0.utf8) },
            originalRecipient: try value(of: row[4], in: "orcpt") { OriginalRecipient(parameter: $0.utf8) })
        self.init(recipient, position: row[0], attempt: row[2], isWarned: row[5])
    }
}

/// The value of a column that may be empty.
private func value<Value>(
    of text: String?, in column: String, _ read: (String) -> Value?
) throws(Damage) -> Value? {
    guard let text else { return nil }
    guard let value = read(text) else { throw .row(column: column, value: text) }
    return value
}
