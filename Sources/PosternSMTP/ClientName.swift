import PosternMail

/// The name by which a client introduces itself in EHLO or HELO.
///
/// Clients in the field say much that is neither a domain nor an address (RFC 5321 §4.1.4 forbids refusing them for
/// it); what is taken are visible characters without those that have a meaning in a Received line, so that the name can
/// stand there as it is.
public struct ClientName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init?(_ octets: ArraySlice<UInt8>) {
        if let literal = AddressLiteral(octets) {
            description = literal.description
            return
        }
        guard (1...255).contains(octets.count), octets.allSatisfy(Self.isAllowed) else { return nil }
        description = String(decoding: octets, as: UTF8.self)
    }

    private static func isAllowed(_ octet: UInt8) -> Bool {
        (33...126).contains(octet) && !"()<>@,;\\\"[]".utf8.contains(octet)
    }
}
