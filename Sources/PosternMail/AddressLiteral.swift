/// An address in brackets where a domain may stand: `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
///
/// General address literals (a tag that nobody has registered) are not accepted.
public struct AddressLiteral: Hashable, Sendable, CustomStringConvertible {
    /// The literal with its brackets, ASCII letters in lower case but for the tag.
    public let description: String

    public init?(_ octets: some Collection<UInt8>) {
        guard octets.count <= 255, octets.first == UInt8(ascii: "["), octets.suffix(1).first == UInt8(ascii: "]") else {
            return nil
        }
        let inner = Array(octets.dropFirst().dropLast())
        let tag = Array("ipv6:".utf8)
        if inner.count > tag.count, inner.prefix(tag.count).map(\.asciiLowercased) == tag {
            let address = inner.dropFirst(tag.count)
            guard Self.isIPv6(address) else { return nil }
            description = "[IPv6:" + String(decoding: address.map(\.asciiLowercased), as: UTF8.self) + "]"
        } else {
            guard Self.isIPv4(inner[...]) else { return nil }
            description = "[" + String(decoding: inner, as: UTF8.self) + "]"
        }
    }

    private static func isIPv4(_ octets: ArraySlice<UInt8>) -> Bool {
        let parts = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy(\.isASCIIDigit)
                    && part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 255
            }
    }

    /// Groups of one to four hexadecimal digits, at most one `::`, an IPv4 tail in place of the last two.
    private static func isIPv6(_ octets: ArraySlice<UInt8>) -> Bool {
        let colon = UInt8(ascii: ":")
        var groups = octets.split(separator: colon, omittingEmptySubsequences: false)
        guard groups.count >= 3 else { return false }
        var width = 0
        if let last = groups.last, last.contains(UInt8(ascii: ".")) {
            guard isIPv4(last) else { return false }
            groups.removeLast()
            width = 2
        }
        // `::` at an end makes two empty groups there, in the middle one. One colon at an end is an error.
        if let first = groups.first, first.isEmpty {
            guard groups.count >= 2, groups[1].isEmpty else { return false }
            groups.removeFirst()
        }
        if width == 0, groups.count >= 2, groups[groups.count - 1].isEmpty {
            guard groups[groups.count - 2].isEmpty else { return false }
            groups.removeLast()
        }
        let empty = groups.filter(\.isEmpty).count
        width += groups.count - empty
        guard groups.allSatisfy({ $0.count <= 4 && $0.allSatisfy(isHexadecimal) }) else { return false }
        switch empty {
        case 0: return width == 8
        case 1: return width <= 7
        default: return false
        }
    }

    private static func isHexadecimal(_ octet: UInt8) -> Bool {
        octet.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(octet.asciiLowercased)
    }
}
