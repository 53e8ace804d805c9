/// The header of a message as a list of fields whose octets are kept as they came (RFC 5322 §2.2).
public struct HeaderBlock: Sendable {
    /// One field with its continuation lines and its last line end.
    public struct Field: Sendable {
        /// The name in lower case.
        public let name: String
        /// The whole field: name, colon, value, CRLF.
        public let octets: ArraySlice<UInt8>

        /// What stands behind the colon, without line ends and outer blanks.
        public var value: String {
            let colon = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.startIndex
            let unfolded = octets[(colon + 1)...].filter { $0 != .carriageReturn && $0 != .lineFeed }
            let isVisible: (UInt8) -> Bool = { $0 != .space && $0 != .tab }
            guard let first = unfolded.firstIndex(where: isVisible), let last = unfolded.lastIndex(where: isVisible)
            else { return "" }
            return String(decoding: unfolded[first...last], as: UTF8.self)
        }
    }

    public let fields: [Field]
    /// What follows the fields: empty where the header ended in an empty line, else the first line that is no field. A
    /// message may begin with its body; that line then belongs to it.
    public let remainder: ArraySlice<UInt8>

    /// - Parameter octets: whole lines, each with its CRLF, without the empty line that ends the header.
    public init(_ octets: [UInt8]) {
        var fields: [Field] = []
        var start = octets.startIndex
        while let field = Self.field(in: octets[start...]) {
            fields.append(field)
            start = field.octets.endIndex
        }
        self.fields = fields
        remainder = octets[start...]
    }

    public func contains(_ name: String) -> Bool {
        fields.contains { $0.name == name }
    }

    public func count(of name: String) -> Int {
        fields.count { $0.name == name }
    }

    /// A field is a name of visible characters other than the colon, blanks at most (RFC 5322 §4.5.8), a colon and the
    /// rest of its line, with the lines after it that begin with a blank.
    private static func field(in octets: ArraySlice<UInt8>) -> Field? {
        guard let colon = octets.firstIndex(where: { !(33...126).contains($0) || $0 == UInt8(ascii: ":") }),
            colon > octets.startIndex
        else { return nil }
        let afterBlanks = octets[colon...].drop { $0 == .space || $0 == .tab }
        guard afterBlanks.first == UInt8(ascii: ":") else { return nil }
        let end = octets.withUnsafeBytes { raw in
            var end = endOfLine(in: raw, from: 0)
            while end < raw.count, raw[end] == .space || raw[end] == .tab { end = endOfLine(in: raw, from: end) }
            return octets.startIndex + end
        }
        let name = String(decoding: octets[..<colon].map(\.asciiLowercased), as: UTF8.self)
        return Field(name: name, octets: octets[..<end])
    }

    /// The place behind the line's LF, or the end.
    private static func endOfLine(in octets: UnsafeRawBufferPointer, from start: Int) -> Int {
        min(octets.place(of: .lineFeed, from: start) + 1, octets.count)
    }
}
