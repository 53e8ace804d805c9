/// Addresses with other letters than those of ASCII (RFC 6531 §3.3). Only who knows that the other side offers SMTPUTF8 may
/// say one, so they have initialisers of their own.
extension Mailbox {
    /// Nil unless the text is a mailbox, of ASCII or of letters beyond it.
    public init?(internationalized text: String) {
        if let mailbox = Mailbox(text) {
            self = mailbox
            return
        }
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")),
            let localPart = Self.internationalizedLocalPart(text[..<at]),
            let host = Self.internationalizedHost(text[text.index(after: at)...])
        else { return nil }
        self.init(localPart: localPart, host: host)
    }

    /// Whether every server can be told of it; one that is not ASCII needs SMTPUTF8.
    public var isASCII: Bool {
        guard localPart.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        return domain?.text.utf8.allSatisfy { $0 < 0x80 } ?? true
    }

    /// A dot-string; a quoted one only of ASCII.
    private static func internationalizedLocalPart(_ text: Substring) -> String? {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return Mailbox("\(text)@host")?.localPart }
        let atoms = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, atoms.allSatisfy({ !$0.isEmpty && isInternationalizedAtom($0) }) else {
            return nil
        }
        return String(text)
    }

    private static func isInternationalizedAtom(_ atom: Substring) -> Bool {
        atom.unicodeScalars.allSatisfy { $0.isASCII ? UInt8(ascii: $0).isAtomText : SafeText.shows($0) }
    }

    private static func internationalizedHost(_ text: Substring) -> Host? {
        if text.utf8.first == UInt8(ascii: "[") { return AddressLiteral(text.utf8).map(Host.literal) }
        return Domain(internationalized: String(text)).map(Host.domain)
    }
}

extension Domain {
    /// Nil unless the text is a domain, whose labels may hold letters, marks and digits beyond ASCII (U-labels, RFC 5890
    /// §2.3.2.1). They are kept as they are: nothing is made of them for the name service.
    public init?(internationalized text: String) {
        if let domain = Domain(text) {
            self = domain
            return
        }
        guard text.utf8.count <= 255 else { return nil }
        for label in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-",
                label.unicodeScalars.allSatisfy(Self.isLabelScalar)
            else { return nil }
        }
        self.init(unchecked: text)
    }

    private static func isLabelScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isLabelOctet(UInt8(ascii: scalar)) }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: false
        }
    }
}
