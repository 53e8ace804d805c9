extension UnsafeRawBufferPointer {
    /// The place of the first CR or LF at or after `start`; `count` if there is none.
    ///
    /// Eight octets a step: a message of megabytes passes through here once, and the plain loop was the largest part of
    /// its cost.
    @inlinable
    public func firstLineEnd(from start: Int) -> Int {
        var index = start
        while index + 8 <= count {
            let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if Self.containsZero(word ^ 0x0D0D_0D0D_0D0D_0D0D) || Self.containsZero(word ^ 0x0A0A_0A0A_0A0A_0A0A) {
                break
            }
            index += 8
        }
        while index < count, self[index] != 0x0D, self[index] != 0x0A { index += 1 }
        return index
    }

    /// Whether one of the eight octets is zero: only such an octet borrows into its own top bit.
    @inlinable
    static func containsZero(_ word: UInt64) -> Bool {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0
    }
}
