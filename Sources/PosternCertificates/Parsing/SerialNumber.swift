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

    init(octets: [UInt8]) { self.octets = octets }

    /// As openssl prints it: hexadecimal, without the octet that only carries the sign.
    var hexadecimal: String {
        let digits = octets.count > 1 && octets[0] == 0 ? octets.dropFirst() : octets[...]
        return digits.hexadecimal
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits for each octet.
    var hexadecimal: String {
        let alphabet = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }, as: UTF8.self)
    }
}
