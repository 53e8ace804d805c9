/// The SASL mechanisms that Postern speaks, in the order in which a server lists them: a mechanism that carries no
/// password comes before one that does, because clients often take the first they know.
///
/// A new mechanism is a case here and a file beside `Plain.swift` that holds its server and client halves.
public enum Mechanism: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// RFC 4422, Appendix A: the identity that the channel has established, here by a client certificate.
    case external = "EXTERNAL"
    /// RFC 4616: a name and a password. Only inside TLS.
    case plain = "PLAIN"

    /// The mechanism of that name, or nil. ASCII case does not count: clients write `auth plain`, as they may write any
    /// other word of SMTP (RFC 5321 §2.4).
    public init?(name: some StringProtocol) {
        guard let mechanism = Self.allCases.first(where: { Self.isSame($0.rawValue, name) }) else { return nil }
        self = mechanism
    }

    public var description: String { rawValue }

    private static func isSame(_ own: String, _ name: some StringProtocol) -> Bool {
        own.utf8.elementsEqual(name.utf8) { letter, octet in
            letter == octet || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) && letter | 0x20 == octet
        }
    }
}
