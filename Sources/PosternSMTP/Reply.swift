public import NIOCore
import PosternMail

/// A reply of a server: a code and one or more lines of text (RFC 5321 §4.2).
public struct Reply: Hashable, Sendable {
    /// 200 to 599.
    public let code: Int
    /// Written before each line's text, where the reply carries one (RFC 2034 §4).
    public let enhanced: EnhancedCode?
    public let lines: [String]

    public init(_ code: Int, _ enhanced: EnhancedCode, _ text: String) {
        self.init(code, enhanced, lines: [text])
    }

    /// A reply that carries no enhanced code: a greeting, HELO's, a 3yz (RFC 2034 §4).
    public init(_ code: Int, _ text: String) {
        self.init(code, lines: [text])
    }

    /// - Parameter lines: at least one; without lines the reply has one empty line.
    public init(_ code: Int, _ enhanced: EnhancedCode? = nil, lines: [String]) {
        self.code = code
        self.enhanced = enhanced
        self.lines = lines.isEmpty ? [""] : lines
    }

    /// Writes the reply as it goes on the wire. An octet that a reply cannot hold (a line end, a control character,
    /// 8-bit text) becomes `?`, so no text can ever split a reply in two.
    public func write(into buffer: inout ByteBuffer) {
        var octets: [UInt8] = []
        octets.reserveCapacity(lines.reduce(0) { $0 + $1.utf8.count + Self.frame })
        for (index, line) in lines.enumerated() {
            octets.append(decimal: code)
            octets.append(index == lines.count - 1 ? UInt8.space : UInt8(ascii: "-"))
            if let enhanced {
                octets.append(decimal: code / 100)
                octets.append(UInt8(ascii: "."))
                octets.append(decimal: Int(enhanced.subject))
                octets.append(UInt8(ascii: "."))
                octets.append(decimal: Int(enhanced.detail))
                octets.append(UInt8.space)
            }
            if line.isPrintableASCII() {
                octets += line.utf8
            } else {
                octets += line.utf8.map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }
            }
            octets.append(.carriageReturn)
            octets.append(.lineFeed)
        }
        buffer.writeBytes(octets)
    }

    /// Octets of a line around its text, at most.
    private static let frame = 18
}

extension [UInt8] {
    /// The digits of a number that is not negative.
    fileprivate mutating func append(decimal number: Int) {
        if number >= 10 { append(decimal: number / 10) }
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
