/// The name of a message in a queue, unique without coordination between nodes: 45 bits of time in milliseconds and 55
/// of randomness, as 20 characters that sort by time.
public struct QueueID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// - Parameters:
    ///   - time: when the message began to arrive.
    ///   - random: a fresh random number; its lower 55 bits are used.
    public init(time: Timestamp, random: UInt64) {
        let milliseconds = UInt64(max(0, time.nanoseconds / 1_000_000))
        var digits: [UInt8] = []
        digits.reserveCapacity(20)
        for shift in stride(from: 40, through: 0, by: -5) {
            digits.append(Self.alphabet[Int(milliseconds >> shift & 31)])
        }
        for shift in stride(from: 50, through: 0, by: -5) { digits.append(Self.alphabet[Int(random >> shift & 31)]) }
        description = String(decoding: digits, as: UTF8.self)
    }

    /// Nil unless the text is an id as `description` writes it.
    public init?(_ text: String) {
        guard text.utf8.count == 20, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        description = text
    }

    public static func < (left: QueueID, right: QueueID) -> Bool {
        left.description < right.description
    }

    // No I, L, O, U: an id is read aloud and typed from paper.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
}
