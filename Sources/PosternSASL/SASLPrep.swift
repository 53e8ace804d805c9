import Foundation

/// SASLprep (RFC 4013): the form in which names and passwords are compared, so that one text typed on two keyboards is
/// one text.
///
/// What the server receives is a "query" in the words of RFC 3454 §7: code points that Unicode 3.2 had not
/// assigned pass.
public enum SASLPrep {
    /// Why a text has no prepared form. The cases carry nothing of the text: it may be a password.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case isNotUTF8
        /// RFC 4013 §2.3: a control character (NUL among them), one of private use, or one that is no text.
        case hasProhibitedCharacter
        /// RFC 3454 §6: right-to-left text that holds left-to-right letters, or does not begin and end right-to-left.
        case mixesDirections
        case isEmpty

        public var description: String {
            switch self {
            case .isNotUTF8: "is not UTF-8"
            case .hasProhibitedCharacter: "holds a control character or another that RFC 4013 prohibits"
            case .mixesDirections: "mixes letters of both directions (RFC 3454 §6)"
            case .isEmpty: "is empty"
            }
        }
    }

    /// The prepared text, never empty.
    public static func prepare(_ octets: some Collection<UInt8>) throws(Failure) -> String {
        guard !octets.isEmpty else { throw .isEmpty }
        // Nearly every name and password is ASCII, which nothing below changes.
        if octets.allSatisfy({ (0x20...0x7E).contains($0) }) { return String(decoding: octets, as: UTF8.self) }
        guard let text = String(validating: octets, as: UTF8.self) else { throw .isNotUTF8 }
        let prepared = normalized(mapped(text))
        guard !prepared.unicodeScalars.isEmpty else { throw .isEmpty }
        guard !prepared.unicodeScalars.contains(where: isProhibited) else { throw .hasProhibitedCharacter }
        try checkDirection(of: prepared)
        return prepared
    }

    /// RFC 4013 §2.1: spaces of any kind become a space, characters that are commonly mapped to nothing vanish.
    private static func mapped(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if SASLPrepTables.nonASCIISpaces.contains(scalar) {
                scalars.append(" ")
            } else if !SASLPrepTables.mappedToNothing.contains(scalar) {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// RFC 4013 §2.2: normalization form KC.
    private static func normalized(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping
    }

    /// RFC 4013 §2.3. Table C.5, surrogates, is missing: no scalar is one.
    private static func isProhibited(_ scalar: Unicode.Scalar) -> Bool {
        SASLPrepTables.prohibited.contains(scalar)
    }

    private static func checkDirection(of text: String) throws(Failure) {
        let scalars = text.unicodeScalars
        guard scalars.contains(where: SASLPrepTables.rightToLeft.contains) else { return }
        guard !scalars.contains(where: SASLPrepTables.leftToRight.contains),
            let first = scalars.first, SASLPrepTables.rightToLeft.contains(first),
            let last = scalars.last, SASLPrepTables.rightToLeft.contains(last)
        else { throw .mixesDirections }
    }
}

/// A set of code points as ascending ranges, each written as its first and its last: a literal of plain numbers, since
/// a literal of several hundred `ClosedRange`s takes the compiler seconds.
struct ScalarRanges: Sendable {
    private let bounds: [UInt32]

    init(_ bounds: [UInt32]) {
        self.bounds = bounds
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var low = 0
        var high = bounds.count / 2
        while low < high {
            let middle = (low + high) / 2
            if bounds[2 * middle + 1] < scalar.value { low = middle + 1 } else { high = middle }
        }
        return 2 * low < bounds.count && bounds[2 * low] <= scalar.value
    }
}
