public import PosternMail

/// A message as it is to be sent: to whom, and under which header. Its body comes behind it as it was read.
public struct PreparedMessage: Hashable, Sendable {
    public let reversePath: ReversePath
    /// At least one.
    public let recipients: [Recipient]
    public internal(set) var returnedContent: ReturnedContent?
    public internal(set) var envelopeID: EnvelopeID?
    /// The fields, and the empty line if the body did not bring it.
    public let header: [UInt8]
    public let edits: [HeaderEdit]

    /// - Parameter isEightBit: what the content says of itself. What was said with -B does not count: cron says
    ///   8BITMIME of everything, and a server without it would get nothing.
    public func envelope(isEightBit: Bool) -> Envelope? {
        Envelope(
            reversePath: reversePath, recipients: recipients, body: isEightBit ? .eightBit : .sevenBit,
            returnedContent: returnedContent, id: envelopeID)
    }
}
