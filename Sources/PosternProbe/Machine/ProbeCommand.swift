import PosternSASL

/// All that a probe says after the opening. There is no command for content among them, so none can be sent: nothing is
/// ever delivered. Addresses are no part of it; they are the question's.
public enum ProbeCommand: Hashable, Sendable, CaseIterable {
    case authenticate(ExternalForm)
    /// AUTH behind one that has succeeded (RFC 4954 §4).
    case authenticateAgain
    case mail
    /// MAIL with the person's address elsewhere, which is not of this server.
    case foreignMail
    case recipient
    case reset
    case quit

    public static let allCases: [ProbeCommand] =
        ExternalForm.allCases.map(ProbeCommand.authenticate)
        + [.authenticateAgain, .mail, .foreignMail, .recipient, .reset, .quit]

    var isAuthentication: Bool {
        switch self {
        case .authenticate, .authenticateAgain: true
        case .mail, .foreignMail, .recipient, .reset, .quit: false
        }
    }

    /// The command line without its end; nil where the question has no address for it.
    func line(_ question: ProbeQuestion) -> String? {
        switch self {
        case .authenticate(let form): form.line(question)
        case .authenticateAgain: ExternalForm.empty.line(question)
        case .mail: "MAIL FROM:<\(question.sender)>"
        case .foreignMail: question.recipient.map { "MAIL FROM:<\($0)>" }
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
    /// The common name of the certificate's subject, as libESMTP says it.
    case commonName
    /// No initial response, and an empty line after 334.
    case emptyLine
    case equalsSign
    case trailingSpace

    func line(_ question: ProbeQuestion) -> String? {
        switch self {
        case .empty: "AUTH EXTERNAL ="
        case .ownName: "AUTH EXTERNAL \(Self.encode("\(question.sender)"))"
        // The one other address that is the person's: the server has no account for it.
        case .foreignName: question.recipient.map { "AUTH EXTERNAL \(Self.encode("\($0)"))" }
        case .commonName: question.certificate?.commonName.map { "AUTH EXTERNAL \(Self.encode($0))" }
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

    private static func encode(_ name: String) -> String { Base64.encode(Array(name.utf8)) }
}
