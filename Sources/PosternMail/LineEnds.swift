import Glibc

/// The places of CR and LF in a stretch of octets, found as they are asked for.
///
/// The library's search takes a fraction of what a loop over the octets takes. What it found stands until it is passed:
/// lines that end otherwise than with CRLF must not make it look again and again at all that follows.
public struct LineEnds {
    private let octets: UnsafeRawBufferPointer
    private var carriageReturn = -1
    private var lineFeed = -1

    public init(in octets: UnsafeRawBufferPointer) {
        self.octets = octets
    }

    /// The place of the first CR or LF at or after `start`, which must not be less than at the call before; the count of
    /// the octets if there is none.
    public mutating func first(from start: Int) -> Int {
        if carriageReturn < start { carriageReturn = octets.place(of: .carriageReturn, from: start) }
        if lineFeed < start { lineFeed = octets.place(of: .lineFeed, from: start) }
        return min(carriageReturn, lineFeed)
    }
}

extension UnsafeRawBufferPointer {
    /// The place of the first such octet at or after `start`; `count` if there is none.
    public func place(of octet: UInt8, from start: Int) -> Int {
        guard start < count, let base = baseAddress, let found = memchr(base + start, Int32(octet), count - start)
        else {
            return count
        }
        return UnsafeRawPointer(found) - base
    }

    /// Whether one of them is no ASCII character. Eight octets a step: every message passes here on its way out.
    public var holdsEightBit: Bool {
        var index = 0
        while index + 8 <= count {
            if loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return true }
            index += 8
        }
        return self[index...].contains { $0 >= 0x80 }
    }
}
