import PosternMail

/// What is known of content that has been read once.
struct ContentFacts: Hashable, Sendable {
    /// Octets as they are.
    private(set) var count = 0
    /// Octets on the wire, where each line end is two and the last line has one (RFC 1870 §5).
    private(set) var wireLength = 0
    /// Whether there are octets above 127 (RFC 6152).
    private(set) var isEightBit = false
    private var isBehindCR = false
    private var isLineOpen = false

    init() {}

    mutating func read(_ octets: UnsafeRawBufferPointer) {
        count += octets.count
        if !isEightBit { isEightBit = octets.holdsEightBit }
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
            wireLength += end - index
            if end > index { isLineOpen = true }
            guard end < octets.count else { return }
            wireLength += 2
            isLineOpen = false
            isBehindCR = octets[end] == .carriageReturn
            index = end + 1
        }
    }

    mutating func end() {
        if isLineOpen { wireLength += 2 }
        isLineOpen = false
    }
}
