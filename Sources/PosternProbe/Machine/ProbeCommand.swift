import PosternMail
import PosternSASL

/// All that a probe says after the opening. There is no command for content among them, so none can be sent: nothing is
/// ever delivered. Addresses are no part of it; they are the question's.
public enum ProbeCommand: Hashable, Sendable, CaseIterable {
    case authenticate(ExternalForm)
    case mail
    case recipient
    case reset
    case quit

    public static let allCases: [ProbeCommand] =
        ExternalForm.allCases.map(ProbeCommand.authenticate) + [.mail, .recipient, .reset, .quit]

    var isAuthentication: Bool { if case .authenticate = self { true } else { false } }

    /// The command line without its end; nil where the question has no address for it.
    func line(_ question: ProbeQuestion) -> String? {
        switch self {
        case .authenticate(let form): form.line(question)
        case .mail: "MAIL FROM:<\(question.sender)>"
        case .recipient: question.recipient.map { "RCPT TO:<\($0)>" }
        case .reset: "RSET"
        case .quit: "QUIT"
        }
    }
}

/// The forms in which mail programs say AUTH EXTERNAL.
public enum ExternalForm: Hashable, Sendable, CaseIterable {
    /// `AUTH EXTERNAL =` (RFC 4954 §4).
    case empty
    case ownName
    case foreignName
    /// No initial response, and an empty line after 334.
    case emptyLine
    case equalsSign
    case trailingSpace

    func line(_ question: ProbeQuestion) -> String? {
        switch self {
        case .empty: "AUTH EXTERNAL ="
        case .ownName: "AUTH EXTERNAL \(Self.encode(question.sender))"
        // The one other address that is the person's: the server has no account for it.
        case .foreignName: question.recipient.map { "AUTH EXTERNAL \(Self.encode($0))" }
        case .emptyLine, .equalsSign: "AUTH EXTERNAL"
        case .trailingSpace: "AUTH EXTERNAL "
        }
    }

    /// What 334 is answered with, whatever stands behind it.
    var response: String {
        switch self {
        case .equalsSign: "="
        default: ""
        }
    }

    private static func encode(_ mailbox: Mailbox) -> String { Base64.encode(Array(mailbox.description.utf8)) }
}
