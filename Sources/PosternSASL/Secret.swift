/// A password, prepared with SASLprep: not empty, UTF-8, without control characters.
///
/// It prints nothing, in no way of printing, and can be compared only in time that does not depend on what it holds.
public struct Secret: Sendable {
    /// For this room alone: whatever derives keys from the password.
    let octets: [UInt8]

    /// - Throws: `SASLPrep.Failure`, which says nothing of the password but the kind of the fault.
    public init(preparing octets: some Collection<UInt8>) throws(SASLPrep.Failure) {
        self.octets = Array(try SASLPrep.prepare(octets).utf8)
    }

    public init(preparing text: some StringProtocol) throws(SASLPrep.Failure) {
        try self.init(preparing: text.utf8)
    }

    /// For whatever wants the password itself: the key of a certificate that it opens.
    package func withOctets<Result>(_ use: ([UInt8]) throws -> Result) rethrows -> Result { try use(octets) }

    /// Compares every octet whatever the earlier ones said; only the lengths' equality shows in the time.
    public func isEqual(to other: Secret) -> Bool {
        isEqualInConstantTime(octets, other.octets)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "****" }
    public var debugDescription: String { "****" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether both hold the same octets, in time that depends on their lengths alone.
func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (a, b) in zip(left, right) { difference |= a ^ b }
    return difference == 0
}
