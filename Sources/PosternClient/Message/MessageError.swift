import PosternMail

/// Why something cannot be part of a message. Each says what was wrong and what to write instead.
public enum MessageError: Error, Hashable, Sendable {
    /// The text is no address.
    case address(String)
    /// CR, LF, NUL or another control character in what becomes a header field.
    case controlCharacter(field: String, value: String)
    /// A field that has a property of its own, or that only servers write.
    case reservedField(String)
    /// A name that no field can have (RFC 5322 §3.6.8).
    case fieldName(String)
    /// A structured value with other characters than ASCII, or with a word that no line can hold.
    case structuredValue(field: String, value: String)
    /// Nobody to send it to.
    case noRecipients
    case mediaType(String)
    case contentID(String)
    /// Two inline parts have one identifier.
    case repeatedContentID(String)
    case fileName(String)
    /// The file cannot be read; the reason is the system's.
    case unreadableFile(path: String, reason: String)
    /// A whole message as an attachment cannot be encoded (RFC 2046 §5.2.1), so its lines have to be as they must be.
    case attachedMessage(reason: String)
}

extension MessageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .address(let text):
            "'\(text.shown)' is no address; expected local-part@domain, or Name <local-part@domain>"
        case .controlCharacter(let field, let value):
            "\(field.shown) '\(value.shown)' holds a control character, such as a line end; a header field is one line"
        case .reservedField(let name):
            "\(name.shown) is written from the message's own properties or by servers, and cannot be added"
        case .fieldName(let name):
            "'\(name.shown)' is no name of a field; expected visible ASCII characters without a colon, 70 at most"
        case .structuredValue(let field, let value):
            "\(field.shown) '\(value.shown)' is not ASCII, or has a word of more than 900 characters; use text, which is encoded"
        case .noRecipients: "the message has no recipient; set to, cc or bcc"
        case .mediaType(let text): "'\(text.shown)' is no media type; expected type/subtype, such as application/pdf"
        case .contentID(let text):
            "'\(text.shown)' is no content id; expected left@right of letters, digits and -._+, such as logo@example.org"
        case .repeatedContentID(let text): "two inline parts are called \(text.shown); the HTML could mean either"
        case .fileName(let text):
            "'\(text.shown)' is no file name; expected 1 to 1024 octets without control characters"
        case .unreadableFile(let path, let reason): "\(path.shown) cannot be read: \(reason)"
        case .attachedMessage(let reason): "the attached message \(reason)"
        }
    }
}

extension String {
    /// As a log or a terminal can show it.
    fileprivate var shown: String { SafeText.escape(self) }
}
