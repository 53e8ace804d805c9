/// Text from a certificate made safe to print: whoever made the certificate chose it, and it ends up in logs, on
/// terminals and in replies.
struct VisibleText {
    /// No field of a log line is longer, in octets.
    static let maximumLength = 256

    private(set) var text = ""

    /// What would be added now would be cut off again.
    private var isFull: Bool { text.utf8.count > Self.maximumLength }

    /// Adds text of our own, as it is.
    mutating func append(literal: String) {
        text += literal
    }

    /// Adds octets of the certificate: UTF-8 where they are that, with everything that is not plainly visible as `\xx`
    /// for each octet (the form of RFC 4514 §2.4). `special` are characters that get a backslash.
    mutating func append(_ octets: some Collection<UInt8>, escaping special: String = "\\") {
        if let string = String(validating: octets, as: UTF8.self) {
            for scalar in string.unicodeScalars where !isFull { append(scalar, escaping: special) }
        } else {
            for octet in octets where !isFull {
                if octet < 0x80 {
                    append(Unicode.Scalar(octet), escaping: special)
                } else {
                    append(hexadecimal: octet)
                }
            }
        }
    }

    /// The text, cut where it is longer than a field may be.
    var limited: String { Self.limit(text) }

    /// Cut between scalars, not characters: one character can have any number of them.
    static func limit(_ text: String) -> String {
        guard text.utf8.count > maximumLength else { return text }
        var kept = String.UnicodeScalarView()
        var length = "…".utf8.count
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            if length > maximumLength { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }

    static func escape(_ octets: some Collection<UInt8>) -> String {
        var visible = VisibleText()
        visible.append(octets)
        return visible.limited
    }

    /// Whether the scalar shows as itself: no control, no invisible format character (which can reorder a line), no
    /// separator but the space, nothing unassigned.
    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar, escaping special: String) {
        if !Self.isVisible(scalar) {
            for octet in UTF8.encode(scalar) ?? .init() { append(hexadecimal: octet) }
        } else {
            if special.unicodeScalars.contains(scalar) { text += "\\" }
            text.unicodeScalars.append(scalar)
        }
    }

    private mutating func append(hexadecimal octet: UInt8) {
        text += "\\" + CollectionOfOne(octet).hexadecimal
    }
}
