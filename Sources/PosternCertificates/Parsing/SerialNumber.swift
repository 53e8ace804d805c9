import SwiftASN1

/// A certificate's serial number: the content octets of its INTEGER, which DER makes unique.
struct SerialNumber: Hashable, Sendable {
    let octets: [UInt8]

    init(_ node: ASN1Node) throws {
        let content = try node.octets(.integer, of: "serial number")
        // RFC 5280 §4.1.2.2 allows 20 octets; some authorities write a few more.
        guard (1...64).contains(content.count) else { throw Malformation("serial number is not 1 to 64 octets long") }
        octets = Array(content)
    }

    /// Reads what `hexadecimal` writes, for a positive number; upper case and colons are accepted. Nil for anything else.
    init?(hexadecimal text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: ":") }
        let even = digits.count.isMultiple(of: 2) ? digits : [UInt8(ascii: "0")] + digits
        guard !digits.isEmpty, let value = [UInt8](hexadecimal: even), value.count <= 63 else { return nil }
        let shortest = value.drop { $0 == 0 }
        // The first bit is the sign.
        octets = (shortest.first ?? 0x80) >= 0x80 ? [0] + shortest : Array(shortest)
    }

    func hash(into hasher: inout Hasher) { octets.withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// As openssl prints it: without the octet that only carries the sign.
    var hexadecimal: String {
        let digits = octets.count > 1 && octets[0] == 0 ? octets.dropFirst() : octets[...]
        return digits.hexadecimal
    }
}
