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
        for (index, line) in lines.enumerated() {
            buffer.writeString(String(code))
            buffer.writeInteger(index == lines.count - 1 ? UInt8.space : UInt8(ascii: "-"))
            if let enhanced {
                buffer.writeString("\(code / 100).\(enhanced.subject).\(enhanced.detail) ")
            }
            if line.utf8.allSatisfy(Self.isText) {
                buffer.writeString(line)
            } else {
                buffer.writeBytes(line.utf8.map { Self.isText($0) ? $0 : UInt8(ascii: "?") })
            }
            buffer.writeStaticString("\r\n")
        }
    }

    private static func isText(_ octet: UInt8) -> Bool {
        (32...126).contains(octet)
    }
}
