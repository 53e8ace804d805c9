public import NIOCore
import PosternMail

/// Cuts a server's stream of octets into replies (RFC 5321 §4.2.1): any number of lines with one code.
///
/// A line may end in a lone LF, as some servers write it: nothing that a client does next depends on the difference.
public struct ReplyReader: Sendable {
    public enum Result: Hashable, Sendable {
        case reply(Reply)
        /// What came is no reply; nothing behind it can be trusted to begin one.
        case fault(ReplyFault)
        /// More octets are needed.
        case incomplete
    }

    /// RFC 5321 §4.5.3.1.5 asks for 512; servers that explain themselves write more.
    static let lineLimit = 4_096
    static let lineCountLimit = 256

    private var lines: [(code: Int, text: [UInt8])] = []
    /// How many octets at the buffer's start are known to hold no line end.
    private var scanned = 0

    public init() {}

    public mutating func next(from buffer: inout ByteBuffer) -> Result {
        do throws(ReplyFault) {
            while let line = try nextLine(from: &buffer) {
                if let reply = try take(line) { return .reply(reply) }
            }
            return .incomplete
        } catch {
            return .fault(error)
        }
    }

    /// The next line without its end.
    private mutating func nextLine(from buffer: inout ByteBuffer) throws(ReplyFault) -> [UInt8]? {
        let end = buffer.readableBytesView.dropFirst(scanned).firstIndex(of: .lineFeed)
        let length = end.map { $0 - buffer.readerIndex } ?? buffer.readableBytes
        guard length < Self.lineLimit else { throw .lineTooLong }
        guard end != nil else {
            scanned = length
            return nil
        }
        scanned = 0
        var line = buffer.readBytes(length: length) ?? []
        buffer.moveReaderIndex(forwardBy: 1)
        if line.last == .carriageReturn { line.removeLast() }
        return line
    }

    /// - Returns: the reply, if the line is its last.
    private mutating func take(_ line: [UInt8]) throws(ReplyFault) -> Reply? {
        // RFC 5321 §4.2: the code alone is to be taken as well; its first digit is 2 to 5, its second 0 to 5.
        guard line.count >= 3, line.prefix(3).allSatisfy(\.isASCIIDigit),
            let code = Int(String(decoding: line.prefix(3), as: UTF8.self)),
            (200...599).contains(code), line.count == 3 || line[3] == .space || line[3] == UInt8(ascii: "-")
        else { throw .notAReply(beginning: Self.visible(line.prefix(60))) }
        if let first = lines.first?.code, first != code { throw .codeChanges(from: first, to: code) }
        guard lines.count < Self.lineCountLimit else { throw .tooManyLines }
        lines.append((code, Array(line.dropFirst(4))))
        guard line.count == 3 || line[3] == .space else { return nil }
        defer { lines = [] }
        return Self.reply(code, lines.map(\.text))
    }

    private static func reply(_ code: Int, _ texts: [[UInt8]]) -> Reply {
        let parsed = texts.map { enhancedCode(of: code, in: $0[...]) }
        guard let first = parsed.first, let enhanced = first.code else {
            return Reply(code, lines: texts.map { visible($0[...]) })
        }
        // RFC 2034 §4: each line carries the code; a line without it is text alone.
        return Reply(code, enhanced, lines: parsed.map { visible($0.rest) })
    }

    /// RFC 3463 §2: class "." subject "." detail. One whose class contradicts the reply's code counts as text.
    private static func enhancedCode(
        of code: Int, in text: ArraySlice<UInt8>
    ) -> (code: EnhancedCode?, rest: ArraySlice<UInt8>) {
        let word = text.prefix { $0 != .space }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isASCIIDigit) }) else {
            return (nil, text)
        }
        let numbers = parts.compactMap { UInt16(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 3, Int(numbers[0]) == code / 100 else { return (nil, text) }
        return (EnhancedCode(numbers[1], numbers[2]), text[word.endIndex...].drop { $0 == .space })
    }

    /// Text for a log or a report: what does not show as itself becomes `?`.
    private static func visible(_ octets: ArraySlice<UInt8>) -> String {
        String(decoding: octets.map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

/// Why what a server sent is no reply.
public enum ReplyFault: Error, Hashable, Sendable, CustomStringConvertible {
    case notAReply(beginning: String)
    case codeChanges(from: Int, to: Int)
    case lineTooLong
    case tooManyLines

    public var description: String {
        switch self {
        case .notAReply(let beginning): "no reply of SMTP: '\(beginning)'"
        case .codeChanges(let first, let second): "a reply that begins with \(first) and goes on with \(second)"
        case .lineTooLong: "a line of more than \(ReplyReader.lineLimit) octets"
        case .tooManyLines: "a reply of more than \(ReplyReader.lineCountLimit) lines"
        }
    }
}
