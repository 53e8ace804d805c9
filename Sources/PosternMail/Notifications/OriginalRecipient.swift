/// The address for which the sender wrote a recipient, whatever became of it on the way (RFC 3461 §4.2, ORCPT).
///
/// Of the address only what a report needs is asked: that it decodes to visible ASCII and blanks. It need not follow the
/// rules of its type (§4.2).
public struct OriginalRecipient: Hashable, Sendable {
    /// `rfc822`, or another type of the IANA's registry.
    public let addressType: String
    /// As it came and as it is passed on: `rfc822;bob@example.net`, the address in xtext.
    public let parameter: String
    /// The address itself.
    public let address: String

    /// Nil unless the octets are at most 500 of an atom, a semicolon and xtext.
    public init?(parameter octets: some Collection<UInt8>) {
        guard octets.count <= 500, let semicolon = octets.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let type = octets[..<semicolon]
        guard !type.isEmpty, type.allSatisfy(\.isAtomText),
            let address = Xtext.printable(octets[octets.index(after: semicolon)...])
        else { return nil }
        addressType = String(decoding: type, as: UTF8.self)
        parameter = String(decoding: octets, as: UTF8.self)
        self.address = address
    }
}
