/// The sender's own name for a message, which comes back in every report on it (RFC 3461 §4.4, ENVID).
///
/// A value exists only if it decodes to visible ASCII and blanks, as the RFC asks: no report can be split by it.
public struct EnvelopeID: Hashable, Sendable {
    /// As it came and as it is passed on.
    public let xtext: String
    /// What it stands for.
    public let text: String

    /// Nil unless the octets are 1 to 100 of xtext.
    public init?(xtext octets: some Collection<UInt8>) {
        guard (1...100).contains(octets.count), let text = Xtext.printable(octets) else { return nil }
        xtext = String(decoding: octets, as: UTF8.self)
        self.text = text
    }
}
