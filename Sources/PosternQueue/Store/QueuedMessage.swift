public import PosternMail

/// A message in the queue, without its body and its recipients.
public struct QueuedMessage: Hashable, Sendable {
    public let id: QueueID
    public let reversePath: ReversePath
    /// What the client said of the content (RFC 6152 §3).
    public let bodyType: Envelope.Body
    /// Octets of header and body.
    public let length: Int
    public let received: Timestamp
    public let account: String
    public let authentication: String
    /// How much a report brings back of it; nil where the sender did not say.
    public let returnedContent: ReturnedContent?
    /// The sender's name for it; nil where there is none.
    public let envelopeID: EnvelopeID?

    package init(
        id: QueueID, reversePath: ReversePath, bodyType: Envelope.Body, length: Int, received: Timestamp,
        account: String, authentication: String, returnedContent: ReturnedContent? = nil, envelopeID: EnvelopeID? = nil
    ) {
        self.id = id
        self.reversePath = reversePath
        self.bodyType = bodyType
        self.length = length
        self.received = received
        self.account = account
        self.authentication = authentication
        self.returnedContent = returnedContent
        self.envelopeID = envelopeID
    }
}
