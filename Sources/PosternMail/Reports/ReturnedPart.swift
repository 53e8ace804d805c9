/// What a report brings back of the message: its header, or all of it; bounded, since it goes to whoever the
/// reverse-path names (RFC 3461 §6.2 lets the size be limited).
public struct ReturnedPart: Sendable {
    /// A whole message may have so many octets.
    public static let wholeLimit = 64 * 1024
    /// More than most headers have; what is longer is cut at a line.
    public static let headerLimit = 32 * 1024
    /// A header that must be encoded, for each of its octets can become three.
    private static let encodedHeaderLimit = 20 * 1024

    /// The third part of the report, with its own header; empty where nothing can be brought back.
    let octets: [UInt8]

    /// In octets.
    public var length: Int { octets.count }

    /// - Parameter header: whole lines, each with its CRLF, without the empty line behind them; empty where it cannot be
    ///   read any more.
    public init(header: [UInt8]) {
        guard !header.isEmpty else {
            octets = []
            return
        }
        guard !Self.isSafe(header) else {
            octets =
                Array("Content-Type: text/rfc822-headers\r\n\r\n".utf8) + Self.lines(header, limit: Self.headerLimit)
            return
        }
        let fields = "Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        octets = Array(fields.utf8) + QuotedPrintable.encode(Self.lines(header, limit: Self.encodedHeaderLimit))
    }

    /// Nil unless the message is within the limit and can go as it is where only 7 bits go: a part of this type may not be
    /// encoded (RFC 2046 §5.2.1), and a report that needs 8BITMIME could be lost.
    public init?(whole message: [UInt8]) {
        guard message.count <= Self.wholeLimit, Self.isSafe(message) else { return nil }
        octets = Array("Content-Type: message/rfc822\r\n\r\n".utf8) + message
    }

    private static func lines(_ text: [UInt8], limit: Int) -> ArraySlice<UInt8> {
        guard text.count > limit else { return text[...] }
        let end = text[..<limit].lastIndex(of: .lineFeed) ?? limit - 1
        return text[...end]
    }

    /// Whether the lines can go as they are where only 7 bits go (RFC 2045 §2.7).
    private static func isSafe(_ lines: [UInt8]) -> Bool {
        !lines.contains { $0 == 0 || $0 >= 0x80 }
            && lines.split(separator: .lineFeed).allSatisfy { line in
                line.count <= 999 && line.last == .carriageReturn && line.count(where: { $0 == .carriageReturn }) == 1
            }
    }
}
