import PosternMail

/// Why a message that was handed in is not sent.
public enum IntakeError: Error, Hashable, Sendable, CustomStringConvertible {
    case forbiddenOctet(String)
    case notASCII(String)
    case noAddress(String)
    case noDomain(String)
    /// In a field of the header, from which recipients were to be read.
    case badField(name: String, text: String)
    /// A line that is no field stands in the header, and behind it one with addresses.
    case fieldBehindBreak(name: String, line: String)
    case aliasLoop(String)
    /// Mail is to go to a program or a file.
    case aliasTarget(Place, String)
    case noRecipients
    case headerTooLong(limit: Int)

    public var description: String {
        switch self {
        case .forbiddenOctet(let text):
            "'\(SafeText.escape(text))' is no address: it holds a space, a line end or another control character"
        case .notASCII(let text): "'\(SafeText.escape(text))': only addresses of ASCII characters are carried"
        case .noAddress(let text):
            "'\(SafeText.escape(text))' is no address; expected one such as alice@example.org"
        case .noDomain(let text):
            "'\(SafeText.escape(text))' has no domain, and none is known: write one into the account's from, or into "
                + "/etc/mailname"
        case .badField(let name, let text):
            "\(SafeText.escape(name)): '\(SafeText.escape(text))' is no address; expected addresses with commas between them"
        case .fieldBehindBreak(let name, let line):
            "'\(SafeText.escape(line))' is no field of a header, and behind it stands '\(name)': nothing is sent, for its "
                + "addresses would be read by everybody"
        case .aliasTarget(let place, let target):
            "\(place): '\(SafeText.escape(target))' is no address, and mail goes to addresses alone: write one for it"
        case .aliasLoop(let name): "the alias '\(SafeText.escape(name))' leads to itself"
        case .noRecipients: "no recipients: none are named, and there are none in To, Cc and Bcc of the header"
        case .headerTooLong(let limit): "the header is longer than \(limit) octets"
        }
    }

    public var status: SendStatus {
        switch self {
        case .forbiddenOctet, .notASCII, .noAddress, .badField, .headerTooLong, .fieldBehindBreak: .dataError
        case .noRecipients: .usage
        case .noDomain, .aliasLoop, .aliasTarget: .configurationError
        }
    }
}
