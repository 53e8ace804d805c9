public import PosternMail

/// A mailbox as a header field names it, with the name of its owner if there is one (RFC 5322 §3.4): `Ann Lee <ann@example.org>`.
public struct NamedMailbox: Hashable, Sendable {
    public let mailbox: Mailbox
    /// Without control characters, and not empty; nil where there is none.
    public let name: String?

    /// - Throws: if the name holds a control character.
    public init(_ mailbox: Mailbox, name: String? = nil) throws(MessageError) {
        if let name, name.hasControlCharacter { throw .controlCharacter(field: "the name", value: name) }
        self.mailbox = mailbox
        self.name = name?.isEmpty == true ? nil : name
    }

    /// - Parameter address: `ann@example.org`, `Ann Lee <ann@example.org>` or `"Lee, Ann" <ann@example.org>`. It may have
    ///   letters beyond ASCII; the message then asks for SMTPUTF8.
    /// - Parameter name: takes the place of a name in `address`.
    /// - Throws: if this is no address.
    public init(_ address: String, name: String? = nil) throws(MessageError) {
        guard address.utf8.last == UInt8(ascii: ">"), let bracket = address.utf8.lastIndex(of: UInt8(ascii: "<")) else {
            guard let mailbox = Mailbox(internationalized: address) else { throw .address(address) }
            try self.init(mailbox, name: name)
            return
        }
        guard
            let mailbox = Mailbox(internationalized: String(address[address.utf8.index(after: bracket)...].dropLast()))
        else {
            throw .address(address)
        }
        try self.init(mailbox, name: name ?? Self.unquoted(address[..<bracket]))
    }

    private static func unquoted(_ phrase: Substring) -> String {
        var phrase = phrase.drop { $0 == " " }
        while phrase.last == " " { phrase.removeLast() }
        guard phrase.count >= 2, phrase.first == "\"", phrase.last == "\"" else { return String(phrase) }
        var name = ""
        var isEscaped = false
        for character in phrase.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { name.append(character) }
        }
        return name
    }
}

extension NamedMailbox: CustomStringConvertible {
    public var description: String { name.map { "\($0) <\(mailbox)>" } ?? mailbox.description }
}

extension String {
    /// CR, LF and NUL among them: what one program shows as a line end, the next writes as one.
    var hasControlCharacter: Bool {
        unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}
