/// Text from a certificate made safe to print: whoever made the certificate chose it, and it ends up in logs, on
/// terminals and in replies.
struct VisibleText {
    /// No field of a log line is longer.
    static let maximumLength = 256

    private(set) var text = ""

    /// Adds text of our own, as it is.
    mutating func append(literal: String) {
        text += literal
    }

    /// Adds octets of the certificate: UTF-8 where they are that, with everything that is not plainly visible as `\xx`
    /// for each octet (the form of RFC 4514 §2.4). `special` are characters that get a backslash.
    mutating func append(_ octets: some Collection<UInt8>, escaping special: String = "\\") {
        if let string = String(validating: octets, as: UTF8.self) {
            for scalar in string.unicodeScalars { append(scalar, escaping: special) }
        } else {
            for octet in octets {
                if octet < 0x80 {
                    append(Unicode.Scalar(octet), escaping: special)
                } else {
                    append(hexadecimal: octet)
                }
            }
        }
    }

    /// The text, cut where it is longer than a field may be.
    var limited: String {
        guard text.utf8.count > Self.maximumLength else { return text }
        return String(text.prefix(Self.maximumLength - 1)) + "…"
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
