/// A domain as a mailbox or an EHLO command names it: labels of ASCII letters, digits and hyphens (RFC 5321 §4.1.2),
/// but for one that was made as internationalized.
///
/// The spelling is kept; comparison ignores the case of ASCII letters (RFC 5321 §2.4).
public struct Domain: Sendable {
    public let text: String

    /// Nil unless the octets are a domain: labels of 1 to 63 octets, no hyphen at their ends, 255 octets in all.
    /// An underscore is accepted inside a label, as hosts in the field carry it.
    public init?(_ octets: ArraySlice<UInt8>) {
        guard (1...255).contains(octets.count) else { return nil }
        for label in octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...63).contains(label.count), label.allSatisfy(Self.isLabelOctet),
                label.first != UInt8(ascii: "-"), label.suffix(1).first != UInt8(ascii: "-")
            else { return nil }
        }
        text = String(decoding: octets, as: UTF8.self)
    }

    /// For a text that was checked.
    init(unchecked text: String) {
        self.text = text
    }

    public init?(_ octets: some Collection<UInt8>) {
        self.init(ArraySlice(octets))
    }

    public init?(_ text: String) {
        self.init(text.utf8)
    }

    /// Whether it has more than one label (RFC 6409 §4.2 asks that of every domain in an envelope).
    public var isFullyQualified: Bool {
        text.utf8.contains(UInt8(ascii: "."))
    }

    /// The form in which two spellings of one domain are equal.
    public var folded: String { text.asciiLowercased }

    static func isLabelOctet(_ octet: UInt8) -> Bool {
        octet.isASCIILetter || octet.isASCIIDigit || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
    }
}

extension Domain: Hashable, CustomStringConvertible {
    public static func == (left: Domain, right: Domain) -> Bool {
        left.text == right.text || left.folded == right.folded
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(folded)
    }

    public var description: String { text }
}
