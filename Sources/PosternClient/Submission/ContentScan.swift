import NIOCore
import PosternMail

/// What has to be known of content before it is sent, found in one reading.
struct ContentScan: Hashable, Sendable {
    private(set) var length = 0
    private(set) var isEightBit = false
    private(set) var hasInternationalHeader = false
    /// Whether the last octet was a CR, which an LF may follow.
    private var isBehindCR = false
    private var isLineOpen = false
    private var isInHeader = true
    /// Whether the line has no octet yet.
    private var isLineEmpty = true

    /// In pieces of any size.
    mutating func read(_ piece: ByteBuffer) {
        piece.withUnsafeReadableBytes { octets in
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
    }

    /// A last line without an end gets one.
    mutating func end() {
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
