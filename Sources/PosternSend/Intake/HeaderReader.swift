import PosternMail

/// Takes the header of a message off the front of its octets, as they come.
///
/// The header ends before an empty line, or before the first line that is no field: what people pipe into sendmail often
/// has no header at all. Line ends may be LF or CRLF; they stay as they are. Behind a line that is no field it is read on to
/// the next empty line, so that a Bcc that stands there is seen.
struct HeaderReader {
    /// The octets of the fields, with their line ends.
    private(set) var header: [UInt8] = []
    /// What was read behind it: the empty line, if there is one, and the beginning of the body.
    private(set) var rest: [UInt8] = []
    private(set) var isComplete = false

    private var pending: [UInt8] = []
    private var isAtStart = true
    private var isBroken = false

    /// The longest header that is taken.
    static let limit = 1 << 20
    /// So far is read on behind a line that is no field.
    private static let paragraphLimit = 1 << 16

    mutating func read(_ octets: some Collection<UInt8>) {
        if isComplete {
            rest += octets
            return
        }
        pending += octets
        var start = pending.startIndex
        while let end = pending[start...].firstIndex(of: .lineFeed) {
            if isBroken || !take(pending[start...end]) {
                guard isBroken || !header.isEmpty, !Self.isEmptyLine(pending[start...end]),
                    rest.count < Self.paragraphLimit
                else { return finish(from: start) }
                isBroken = true
                rest += pending[start...end]
            }
            start = end + 1
        }
        pending.removeSubrange(..<start)
        // A line without an end is none of a header.
        if isBroken, pending.count > Self.paragraphLimit { finish(from: 0) }
    }

    static func isEmptyLine(_ line: ArraySlice<UInt8>) -> Bool {
        line.elementsEqual("\n".utf8) || line.elementsEqual("\r\n".utf8)
    }

    /// The end of the input, whose last line may have no end.
    mutating func end() {
        guard !isComplete else { return }
        if !pending.isEmpty, !isBroken, take(pending[...]) {
            header.append(.lineFeed)
            pending = []
        }
        finish(from: pending.startIndex)
    }

    /// Whether there is more of it than is sensible.
    var isTooLong: Bool { header.count + pending.count > Self.limit && !isComplete }

    private mutating func finish(from start: Int) {
        rest += pending[start...]
        pending = []
        isComplete = true
    }

    /// - Returns: whether the line belongs to the header.
    private mutating func take(_ line: ArraySlice<UInt8>) -> Bool {
        let isFirst = isAtStart
        isAtStart = false
        // The line of an mbox, which mail programs hand on at times.
        if isFirst, line.starts(with: "From ".utf8) || line.starts(with: ">From ".utf8) {
            isAtStart = true
            return true
        }
        let isContinuation = !header.isEmpty && (line.first == .space || line.first == .tab)
        guard isContinuation || HeaderBlock(Array(line)).fields.count == 1 else { return false }
        header += Self.withoutLoneCarriageReturns(line)
        return true
    }

    /// On the wire a lone CR would become a line end, and what stands behind it another field: what is a blank in
    /// somebody's Subject must not become a Bcc (C3).
    private static func withoutLoneCarriageReturns(_ line: ArraySlice<UInt8>) -> [UInt8] {
        line.indices.map { index in
            let isLone = line[index] == .carriageReturn && (index + 1 == line.endIndex || line[index + 1] != .lineFeed)
            return isLone ? .space : line[index]
        }
    }
}
