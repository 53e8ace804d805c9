/// Text of others in a form that cannot do harm on a terminal or in a line of a log.
package enum SafeText {
    /// Octets of a field beyond which it is cut: who sends long names does not fill the disk.
    package static let limit = 256

    /// The text with whatever does not show as itself as `\u{…}`, and cut at `limit` octets of its own.
    package static func escape(_ text: String, limit: Int = limit) -> String {
        if text.utf8.count <= limit, text.isPrintableASCII(except: UInt8(ascii: "\\")) {
            return text
        }
        var escaped = ""
        for scalar in cut(text, at: limit) {
            if scalar == "\\" {
                escaped += "\\\\"
            } else if shows(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return escaped
    }

    /// The scalars of the text's first octets up to the limit, with `…` behind them if there are more.
    package static func cut(_ text: String, at limit: Int = limit) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        var octets = 0
        for scalar in text.unicodeScalars {
            octets += UTF8.width(scalar)
            guard octets <= limit else { return scalars + ["…"] }
            scalars.append(scalar)
        }
        return scalars
    }

    /// Whether the scalar stands for itself wherever it is shown: not a control of either table, not a line or
    /// paragraph separator, and nothing that changes the direction of the text around it.
    package static func shows(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
