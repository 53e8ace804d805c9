public import PosternMail

/// A message as a next hop is told of it, without its content. That comes piece by piece when the session asks for it.
public struct OutgoingMessage: Hashable, Sendable {
    public let envelope: Envelope
    /// Octets of the content with each line end counted as two (RFC 1870 §5); nil where that is not known before the end.
    public let length: Int?
    /// Whether the header, or an address of the envelope, holds octets beyond ASCII (RFC 6531 §3.2, RFC 6532).
    public let needsInternationalMail: Bool
    /// Whether nothing is sent where a recipient is refused.
    public let isAllOrNothing: Bool

    /// - Parameter envelope: its `body` says whether the content holds 8-bit octets.
    public init(
        _ envelope: Envelope, length: Int?, needsInternationalMail: Bool = false, isAllOrNothing: Bool = false
    ) {
        self.envelope = envelope
        self.length = length
        self.needsInternationalMail = needsInternationalMail
        self.isAllOrNothing = isAllOrNothing
    }
}
