public import PosternMail

/// What would be done with a message, and why. It holds no secret: what a password is, only where it comes from is told.
public struct Explanation: Sendable {
    private let account: SendAccount
    private let queue: QueuePolicy
    private let spoolFolder: String

    public init(_ account: SendAccount, queue: QueuePolicy, spool folder: String) {
        self.account = account
        self.queue = queue
        spoolFolder = folder
    }

    /// - Parameters:
    ///   - files: the files that were read.
    ///   - domain: what an address without a domain gets; nil where none is known.
    ///   - message: nil where no message was handed in.
    public func lines(files: [String], domain: Domain?, message: PreparedMessage?) -> [String] {
        var lines = [
            row("account", "\(account.name)\(files.isEmpty ? "" : ", of \(files.joined(separator: ", "))")"),
            row("server", account.ports.map { "\(account.host):\($0)" }.joined(separator: "; then ")),
            row("EHLO", account.hostname), row("trust", trust), row("login", login),
            row("queue", queueWords),
            row("domain", domain.map { "\($0) for addresses without one" } ?? "none is known"),
        ]
        if let logFile = account.logFile { lines.append(row("log", logFile)) }
        if let aliases = account.aliases { lines.append(row("aliases", aliases)) }
        if let message { lines += self.lines(of: message) }
        return (lines + account.notes.map { row("note", "\($0)") }).map { SafeText.escape($0, limit: 4_096) }
    }

    private func lines(of message: PreparedMessage) -> [String] {
        var lines = [row("from", "\(message.reversePath)")]
        lines += message.recipients.map { recipient in
            row("to", "<\(recipient.mailbox)>\(recipient.notify.map { ", tell of \($0)" } ?? "")")
        }
        if let returned = message.returnedContent { lines.append(row("return", returned.rawValue)) }
        if let id = message.envelopeID { lines.append(row("envelope", id.text)) }
        return lines
            + (message.edits.isEmpty ? [row("header", "as it is")] : message.edits.map { row("header", "\($0)") })
    }

    private func row(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 10 - name.count)) + value
    }

    private var trust: String {
        if account.ports.allSatisfy({ $0.security == .none }) { return "none: in clear" }
        return switch account.trust {
        case .system: "the system's authorities, and the server's name must be \(account.host)"
        case .file(let path): "the authorities in \(path), and the server's name must be \(account.host)"
        }
    }

    private var login: String {
        var words: [String] = []
        if let certificate = account.certificate {
            let identity = account.certificateUser.map { "; as \($0) if the empty name is refused" } ?? ""
            words.append(
                "certificate \(certificate.certificate), shown only if the server asks: AUTH EXTERNAL if it is offered, "
                    + "else MAIL on the certificate\(identity)")
        }
        if let login = account.login {
            words.append(
                "password of \(login.user), from \(Self.words(login.password)): SCRAM-SHA-256, else PLAIN, else LOGIN")
        }
        return words.isEmpty ? "none" : words.joined(separator: "; ")
    }

    private static func words(_ source: SendAccount.PasswordSource) -> String {
        switch source {
        case .written: "the configuration"
        case .command: "a command"
        case .file(let path): path
        case .credential(let name): "the credential \(name)"
        }
    }

    private var queueWords: String {
        switch queue {
        case .auto: "auto: kept in \(spoolFolder) if it cannot be sent now"
        case .always: "always: kept in \(spoolFolder), and sent by sendmail -q"
        case .never: "never: 75 if it cannot be sent now"
        }
    }
}
