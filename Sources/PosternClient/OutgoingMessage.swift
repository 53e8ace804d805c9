public import PosternMail

/// A message as a next hop is told of it, without its content. That comes piece by piece when the session asks for it.
public struct OutgoingMessage: Hashable, Sendable {
    public let envelope: Envelope
    /// Octets of the content with each line end counted as two (RFC 1870 §5).
    public let length: Int

    /// - Parameter envelope: its `body` says whether the content holds 8-bit octets.
    public init(_ envelope: Envelope, length: Int) {
        self.envelope = envelope
        self.length = length
    }
}
