package import NIOCore
import PosternMail

/// What has to be known of content before it is sent, found in one reading.
package struct ContentScan: Hashable, Sendable {
    /// Octets as they are.
    package private(set) var count = 0
    /// Octets on the wire, where each line end is two and the last line has one (RFC 1870 §5).
    package private(set) var length = 0
    package private(set) var isEightBit = false
    package private(set) var hasInternationalHeader = false
    /// Whether the last octet was a CR, which an LF may follow.
    private var isBehindCR = false
    private var isLineOpen = false
    private var isInHeader = true
    /// Whether the line has no octet yet.
    private var isLineEmpty = true

    package init() {}

    /// In pieces of any size.
    package mutating func read(_ piece: ByteBuffer) {
        piece.withUnsafeReadableBytes { read($0) }
    }

    package mutating func read(_ octets: UnsafeRawBufferPointer) {
        count += octets.count
        var ends = LineEnds(in: octets)
        var index = 0
        while index < octets.count {
            if isBehindCR {
                isBehindCR = false
                if octets[index] == .lineFeed {
                    index += 1
                    continue
                }
            }
            let end = ends.first(from: index)
            if end > index { readText(UnsafeRawBufferPointer(rebasing: octets[index..<end])) }
            guard end < octets.count else { return }
            endLine()
            isBehindCR = octets[end] == .carriageReturn
            index = end + 1
        }
    }

    /// A last line without an end gets one.
    package mutating func end() {
        if isLineOpen { endLine() }
    }

    private mutating func readText(_ text: UnsafeRawBufferPointer) {
        length += text.count
        isLineOpen = true
        isLineEmpty = false
        guard !isEightBit || (isInHeader && !hasInternationalHeader) else { return }
        guard text.holdsEightBit else { return }
        isEightBit = true
        if isInHeader { hasInternationalHeader = true }
    }

    private mutating func endLine() {
        length += 2
        if isLineEmpty { isInHeader = false }
        isLineEmpty = true
        isLineOpen = false
    }
}
