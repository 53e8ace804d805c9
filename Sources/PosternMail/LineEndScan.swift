extension UnsafeRawBufferPointer {
    /// The place of the first CR or LF at or after `start`; `count` if there is none.
    ///
    /// Eight octets a step: a message of megabytes passes through here once, and the plain loop was the largest part of
    /// its cost.
    @inlinable
    public func firstLineEnd(from start: Int) -> Int {
        var index = start
        while index + 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let ends = Self.zeros(word ^ 0x0D0D_0D0D_0D0D_0D0D) | Self.zeros(word ^ 0x0A0A_0A0A_0A0A_0A0A)
            if ends != 0 { return index + ends.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count, self[index] != 0x0D, self[index] != 0x0A { index += 1 }
        return index
    }

    /// The top bit of the first octet that is zero, and perhaps of some behind it: only a zero, or what a zero before it
    /// borrows from, borrows into its own top bit.
    @inlinable
    static func zeros(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
}
