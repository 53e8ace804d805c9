public import NIOCore
public import PosternMail

/// Takes the content of a message out of the stream behind DATA or BDAT.
///
/// Behind DATA it removes the dots that were added at the beginning of lines and finds the real end, which is CRLF, a dot
/// and CRLF and nothing else (RFC 5321 §4.5.2, §4.1.1.4). The octets of chunks are content as they are, and whoever counts
/// them knows their end (RFC 3030 §2).
///
/// A lone CR or LF, or a line over the limit, does not end the reading: it is remembered as the message's fault, and
/// the octets go on to the real end, so that nothing behind a false end is ever taken for a command. Where lone ones are
/// normalised the content gets CRLF in their place, and the reading goes on as without it: no dot behind one is removed, and
/// none is an end.
public struct DataDecoder: Sendable {
    /// How the end of the content is told.
    public enum Framing: Hashable, Sendable {
        /// DATA: by a dot on a line of its own.
        case dots
        /// BDAT: by counting.
        case chunks
    }

    /// Why the content cannot be taken. Lines count from 1, the first line of the header.
    public enum Fault: Hashable, Sendable {
        case bareCarriageReturn(line: Int)
        case bareLineFeed(line: Int)
        case lineTooLong(line: Int)
    }

    private enum State: Sendable {
        case lineStart
        case dot
        case dotCarriageReturn
        case inLine
        case carriageReturn
    }

    /// The first fault of the message.
    public private(set) var fault: Fault?
    /// Octets of content so far, each CRLF counted, the end of data not (RFC 1870 §5).
    public private(set) var size = 0

    private var state = State.lineStart
    private var line = 1
    private var lineLength = 0
    private let lineLimit: Int
    private let framing: Framing
    private let bareLineEnds: BareLineEnds

    /// - Parameter lineLimit: the longest line in octets, CRLF included.
    public init(_ framing: Framing, bareLineEnds: BareLineEnds = .refuse, lineLimit: Int) {
        self.framing = framing
        self.bareLineEnds = bareLineEnds
        self.lineLimit = lineLimit
    }

    /// Consumes octets up to the end of data or the end of the buffer. Chunks have no end of data but in `finish`.
    ///
    /// - Parameter emit: is called with each stretch of content, in order. A CR at a stretch's end may turn out to be a
    ///   fault later, where it is not normalised.
    /// - Returns: whether the end of data was reached; what stands in the buffer then is the next command.
    public mutating func decode(_ buffer: inout ByteBuffer, emit: (ByteBuffer) -> Void) -> Bool {
        let base = buffer.readerIndex
        var stretch = 0
        let (consumed, isEnd) = buffer.withUnsafeReadableBytes { octets -> (Int, Bool) in
            var ends = LineEnds(in: octets)
            var index = 0
            while index < octets.count {
                switch state {
                case .lineStart:
                    if framing == .dots, octets[index] == UInt8(ascii: ".") {
                        cut(buffer, base, from: stretch, to: index, emit)
                        index += 1
                        stretch = index
                        state = .dot
                    } else {
                        state = .inLine
                    }
                case .dot:
                    if octets[index] == .carriageReturn {
                        state = .dotCarriageReturn
                        index += 1
                    } else {
                        state = .inLine
                    }
                case .dotCarriageReturn:
                    if octets[index] == .lineFeed { return (index + 1, true) }
                    // The CR belongs to the content after all, and is alone there. It may have come in an earlier
                    // buffer, but the message is refused: its octets need not be whole.
                    if index == 0, bareLineEnds == .refuse { size += 1 }
                    state = .inLine
                    noteBare(.bareCarriageReturn(line: line))
                    if bareLineEnds == .normalize {
                        endBareLine(emit)
                        stretch = index
                    }
                case .inLine:
                    let end = ends.first(from: index)
                    lineLength += end - index
                    index = end
                    guard index < octets.count else { break }
                    if octets[index] == .carriageReturn {
                        // Nearly every line's end comes whole.
                        if index + 1 < octets.count, octets[index + 1] == .lineFeed {
                            lineLength += 1
                            index += 2
                            endLine()
                            continue
                        }
                        state = .carriageReturn
                    } else {
                        noteBare(.bareLineFeed(line: line))
                        if bareLineEnds == .normalize {
                            cut(buffer, base, from: stretch, to: index, emit)
                            endBareLine(emit)
                            index += 1
                            stretch = index
                            continue
                        }
                    }
                    index += 1
                    lineLength += 1
                case .carriageReturn:
                    if octets[index] == .lineFeed {
                        // Its CR came in an earlier buffer, and was held back.
                        if index == 0, bareLineEnds == .normalize { put("\r", emit) }
                        index += 1
                        endLine()
                    } else {
                        noteBare(.bareCarriageReturn(line: line))
                        state = .inLine
                        if bareLineEnds == .normalize {
                            cut(buffer, base, from: stretch, to: index - 1, emit)
                            endBareLine(emit)
                            stretch = index
                        }
                    }
                }
            }
            if lineLength > lineLimit { note(.lineTooLong(line: line)) }
            return (index, false)
        }
        cut(buffer, base, from: stretch, to: isEnd ? stretch : max(stretch, consumed - undecided), emit)
        buffer.moveReaderIndex(forwardBy: consumed)
        return isEnd
    }

    /// The last chunk has been decoded. A message is made of whole lines (RFC 5321 §2.3.8), which nothing in BDAT sees to:
    /// an end that its last line lacks is added, and does not count as size.
    public mutating func finish(emit: (ByteBuffer) -> Void) {
        switch state {
        case .carriageReturn:
            noteBare(.bareCarriageReturn(line: line))
            if bareLineEnds == .normalize { endBareLine(emit) }
        case .inLine where lineLength > 0: emit(ByteBuffer(string: "\r\n"))
        case .lineStart, .dot, .dotCarriageReturn, .inLine: break
        }
    }

    /// How many of the octets that were looked at last may still turn out to be no content.
    private var undecided: Int {
        switch state {
        // Between a dot that was cut off and what decides about it nothing is.
        case .dotCarriageReturn: 1
        case .carriageReturn: bareLineEnds == .normalize ? 1 : 0
        case .lineStart, .dot, .inLine: 0
        }
    }

    /// A lone CR or LF becomes the end of its line. What follows does not stand at the beginning of one, as the other side
    /// counts its lines.
    private mutating func endBareLine(_ emit: (ByteBuffer) -> Void) {
        put("\r\n", emit)
        line += 1
        lineLength = 0
    }

    private mutating func put(_ text: StaticString, _ emit: (ByteBuffer) -> Void) {
        size += text.utf8CodeUnitCount
        emit(ByteBuffer(staticString: text))
    }

    private mutating func endLine() {
        if lineLength + 1 > lineLimit { note(.lineTooLong(line: line)) }
        line += 1
        lineLength = 0
        state = .lineStart
    }

    /// A line that was too long before has that fault first, in however many pieces it came.
    private mutating func noteBare(_ found: Fault) {
        if lineLength > lineLimit { note(.lineTooLong(line: line)) }
        if bareLineEnds == .refuse { note(found) }
    }

    private mutating func note(_ found: Fault) {
        if fault == nil { fault = found }
    }

    private mutating func cut(
        _ buffer: ByteBuffer, _ base: Int, from start: Int, to end: Int, _ emit: (ByteBuffer) -> Void
    ) {
        guard end > start, let slice = buffer.getSlice(at: base + start, length: end - start) else { return }
        size += slice.readableBytes
        emit(slice)
    }
}
