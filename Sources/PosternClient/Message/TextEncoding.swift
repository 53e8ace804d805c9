import PosternMail

/// In which form a text goes out, so that it is the same wherever it arrives.
enum TextEncoding: String {
    case sevenBit = "7bit"
    case quotedPrintable = "quoted-printable"
    case base64 = "base64"

    /// RFC 5322 §2.1.1: lines should have no more.
    private static let longestLine = 78

    /// - Parameter text: with CRLF.
    init(for text: [UInt8]) {
        // Each LF has its CR: another one would stand alone.
        let isWhole = text.count { $0 == .carriageReturn } == text.count { $0 == .lineFeed }
        if isWhole, text.split(separator: .lineFeed, omittingEmptySubsequences: false).allSatisfy(Self.isSafe) {
            self = .sevenBit
            return
        }
        let encoded = text.reduce(0) { $0 + (Self.isPlain($1) ? 1 : 3) }
        // What is mostly not ASCII is shorter, and no less readable, in BASE64.
        self = encoded <= Base64Lines.length(of: text.count) ? .quotedPrintable : .base64
    }

    /// Lines with LF, CRLF or both; a CR that stands alone is text, and stays.
    static func canonical(_ text: some Collection<UInt8>) -> [UInt8] {
        var canonical: [UInt8] = []
        canonical.reserveCapacity(text.count + text.count / 32)
        for octet in text {
            if octet == .lineFeed, canonical.last != .carriageReturn { canonical.append(.carriageReturn) }
            canonical.append(octet)
        }
        return canonical
    }

    /// Whether no way changes it, and it is no boundary: those begin so, and nothing encoded does.
    private static func isSafe(_ line: ArraySlice<UInt8>) -> Bool {
        let line = line.last == .carriageReturn ? line.dropLast() : line
        return line.count <= longestLine && line.allSatisfy(isPlain) && line.last != .space && line.last != .tab
            && !line.starts(with: "--=_".utf8) && !line.starts(with: "From ".utf8)
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        (32...126).contains(octet) || octet == .tab || octet == .lineFeed || octet == .carriageReturn
    }
}
