/// The encoding of parameter values that may hold any octet (RFC 3461 §4): visible ASCII as it is but for `+` and `=`,
/// everything else as `+` and two upper-case hexadecimal digits.
package enum Xtext {
    package static func encode(_ octets: some Collection<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return octets.flatMap { octet in
            let isPlain = (33...126).contains(octet) && octet != UInt8(ascii: "+") && octet != UInt8(ascii: "=")
            return isPlain ? [octet] : [UInt8(ascii: "+"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
        }
    }

    /// Nil where the text is not xtext.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var rest = text[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "+"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                octets.append(high << 4 | low)
            case UInt8(ascii: "="): return nil
            case 33...126: octets.append(octet)
            default: return nil
            }
        }
        return octets
    }

    /// What the text stands for, if it can stand on a line of a header: visible ASCII and blanks alone.
    static func printable(_ text: some Collection<UInt8>) -> String? {
        guard let octets = decode(text), octets.allSatisfy({ (32...126).contains($0) || $0 == .tab }) else {
            return nil
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
