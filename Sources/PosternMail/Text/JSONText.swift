/// JSON (RFC 8259) as a log writes it: on one line, with everything that could be taken for something else escaped.
package struct JSONText {
    package private(set) var octets: [UInt8] = []

    package init() {
        octets.reserveCapacity(1_024)
    }

    package mutating func open() { octets.append(UInt8(ascii: "{")) }
    package mutating func close() { octets.append(UInt8(ascii: "}")) }
    package mutating func openList() { octets.append(UInt8(ascii: "[")) }
    package mutating func closeList() { octets.append(UInt8(ascii: "]")) }

    /// A comma, unless nothing is before it.
    package mutating func separate() {
        switch octets.last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8.lineFeed, nil: break
        default: octets.append(UInt8(ascii: ","))
        }
    }

    package mutating func key(_ key: String) {
        separate()
        string(key)
        octets.append(UInt8(ascii: ":"))
    }

    package mutating func number(_ number: Int) { octets += String(number).utf8 }
    package mutating func boolean(_ value: Bool) { octets += (value ? "true" : "false").utf8 }

    /// A line feed, between one object and the next.
    package mutating func newLine() { octets.append(UInt8(ascii: "\n")) }

    /// A string, cut at so many octets of its own.
    package mutating func string(_ text: String, limit: Int = SafeText.limit) {
        octets.append(UInt8(ascii: "\""))
        // Nearly every text is short and plain.
        if text.utf8.count <= limit, text.isPrintableASCII(except: UInt8(ascii: "\""), UInt8(ascii: "\\")) {
            octets += text.utf8
        } else {
            for scalar in SafeText.cut(text, at: limit) { append(scalar) }
        }
        octets.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if scalar == "\"" || scalar == "\\" {
            octets.append(UInt8(ascii: "\\"))
            octets.append(UInt8(scalar.value))
        } else if SafeText.shows(scalar) {
            octets += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        } else {
            // RFC 8259 §7: scalars beyond the first plane are written as their two halves in UTF-16.
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                let digits = String(unit, radix: 16)
                octets += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
            }
        }
    }
}
