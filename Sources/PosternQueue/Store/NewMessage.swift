public import PosternMail

/// A message that asks to be taken into the queue.
public struct NewMessage: Sendable {
    public let id: QueueID
    public let envelope: Envelope
    /// The header and body as they will be handed on: with our trace line, without transparency dots, in CRLF form.
    public let body: MessageBody
    /// When its last octet arrived; the time at which its recipients are first due.
    public let received: Timestamp
    /// The account that submitted it; of a report, `MAILER-DAEMON`.
    public let account: String
    /// How that account was established, in the words of the log: `AUTH EXTERNAL`, `MAIL with certificate`; empty for a
    /// report.
    public let authentication: String

    public init(
        id: QueueID, envelope: Envelope, body: MessageBody, received: Timestamp, account: String, authentication: String
    ) {
        self.id = id
        self.envelope = envelope
        self.body = body
        self.received = received
        self.account = account
        self.authentication = authentication
    }
}

extension NewMessage {
    /// What the queue remembers of it beside body and recipients.
    package var queued: QueuedMessage {
        QueuedMessage(
            id: id, reversePath: envelope.reversePath, bodyType: envelope.body, length: body.length, received: received,
            account: account, authentication: authentication, returnedContent: envelope.returnedContent,
            envelopeID: envelope.id)
    }
}
