public import NIOCore
import PosternMail

/// Cuts a stream of octets into lines that end in CRLF and in nothing else (RFC 5321 §2.3.8).
///
/// A lone CR or LF stays inside its line, where the command's grammar refuses it. A line over the limit is read to its
/// end, but not kept.
public struct LineReader: Sendable {
    public enum Result: Hashable, Sendable {
        /// A line without its CRLF.
        case line([UInt8])
        /// A line longer than the limit has ended; its first eight octets tell what it was to be.
        case tooLong(beginning: [UInt8])
        /// A line has passed `abandon` octets: nothing sensible comes any more.
        case endless
        /// More octets are needed.
        case incomplete
    }

    // How many octets at the buffer's start are known to hold no line end: what came byte by byte is looked at once.
    private var scanned = 0
    // Octets of an over-long line that are gone already.
    private var discarded = 0
    private var beginning: [UInt8] = []

    public init() {}

    /// Whether what comes next is the first octet of a line.
    public var isAtLineStart: Bool { discarded == 0 }

    /// - Parameters:
    ///   - limit: the longest line, CRLF included.
    ///   - abandon: how many octets of a longer line are swallowed before it counts as endless.
    public mutating func next(from buffer: inout ByteBuffer, limit: Int, abandon: Int) -> Result {
        guard let length = lengthOfLine(in: buffer) else { return swallow(&buffer, limit: limit, abandon: abandon) }
        scanned = 0
        guard discarded + length <= limit else {
            // An end that comes in one piece with such a line counts no more than one that comes later.
            guard discarded + length - 2 <= abandon else { return .endless }
            noteBeginning(of: buffer)
            buffer.moveReaderIndex(forwardBy: length)
            defer { (discarded, beginning) = (0, []) }
            return .tooLong(beginning: beginning)
        }
        let line = buffer.getBytes(at: buffer.readerIndex, length: length - 2) ?? []
        buffer.moveReaderIndex(forwardBy: length)
        return .line(line)
    }

    /// The length of the first line with its CRLF; nil where the buffer holds no whole one.
    private mutating func lengthOfLine(in buffer: ByteBuffer) -> Int? {
        let (length, looked) = buffer.withUnsafeReadableBytes { octets -> (Int?, Int) in
            var index = octets.place(of: .lineFeed, from: scanned)
            while index < octets.count {
                if index > 0, octets[index - 1] == .carriageReturn { return (index + 1, 0) }
                index = octets.place(of: .lineFeed, from: index + 1)
            }
            return (nil, octets.count)
        }
        scanned = looked
        return length
    }

    private mutating func swallow(_ buffer: inout ByteBuffer, limit: Int, abandon: Int) -> Result {
        guard discarded + buffer.readableBytes > limit else { return .incomplete }
        noteBeginning(of: buffer)
        // A CR at the end may be the first half of the line's end.
        let isHalfEnd = buffer.readableBytesView.last == .carriageReturn
        let dropped = buffer.readableBytes - (isHalfEnd ? 1 : 0)
        buffer.moveReaderIndex(forwardBy: dropped)
        discarded += dropped
        scanned = 0
        return discarded > abandon ? .endless : .incomplete
    }

    private mutating func noteBeginning(of buffer: ByteBuffer) {
        if discarded == 0 { beginning = Array(buffer.readableBytesView.prefix(8)) }
    }
}
