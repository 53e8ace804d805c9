import ArgumentParser
import PosternCertificates
import PosternConfiguration
import PosternMail
import PosternQueue
import PosternSubmission

/// `postern explain`: a whole decision, and the replies that follow from it, without a network.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a client with a certificate would be answered on a listener, and why.",
        discussion: """
            Shows each check of the certificate, how it leads to an account, and the replies of EHLO, AUTH EXTERNAL and \
            MAIL with and without that AUTH. It asks the session that serves connections, so what it says is what a \
            client gets. In error replies a real session has its own id where zeros stand here.
            """)

    @Option(help: "The configuration, such as /etc/postern/postern.yaml.")
    var config: String

    @Option(help: "The listener's name.")
    var listener: String

    @Option(help: "The client's certificate, in PEM, with the chain that it sends. (default: none)")
    var certificate: String?

    @Option(help: "The authorization identity of AUTH EXTERNAL. (default: none)")
    var authzid: String?

    @Option(help: "The reverse-path of MAIL, '<>' for the null one. (default: the account's address)")
    var from: String?

    @Option(help: "The moment, such as 2026-11-25T04:31:33Z. (default: now)")
    var at: String?

    func run() throws {
        let now = try moment()
        let reading = Assembled.read(config, at: now)
        guard let assembled = reading.value else {
            for problem in reading.problems { Terminal.complain("\(problem)") }
            throw ExitCode.configurationError
        }
        guard let chosen = assembled.listeners.first(where: { $0.name == listener }) else {
            throw ExplainError.unknownListener(listener, known: assembled.listeners.map(\.name))
        }
        var question = SessionPreview.Question(settings: chosen.settings, snapshot: assembled.snapshot, now: now)
        question.examination = try certificate.map { path in
            Examination(of: try Self.chain(in: path), against: assembled.snapshot.trust)
        }
        question.authorizationIdentity = authzid.flatMap { $0.isEmpty ? nil : $0 }
        question.reversePath = try from.map(Self.reversePath)
        for line in ExplanationText(question, SessionPreview(question)).lines { Terminal.print(line) }
    }

    private func moment() throws(ExplainError) -> Timestamp {
        guard let at else { return .now }
        guard let moment = Timestamp(rfc3339: at) else { throw .badMoment(at) }
        return moment
    }

    private static func chain(in path: String) throws(ExplainError) -> PresentedChain {
        let octets: [UInt8]
        do throws(FileContents.Failure) {
            octets = try FileContents.of(path, limit: 1 << 20)
        } catch {
            throw .unreadable(path, reason: error.reason)
        }
        let chain: PresentedChain
        do throws(PEMError) {
            chain = try PresentedChain(pem: octets)
        } catch {
            throw .notPEM(path, error)
        }
        guard !chain.isEmpty else { throw .noCertificate(path) }
        return chain
    }

    private static func reversePath(_ text: String) throws(ExplainError) -> ReversePath {
        if text.isEmpty || text == "<>" { return .null }
        let address = text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
        guard let mailbox = Mailbox(address) else { throw .badReversePath(text) }
        return .mailbox(mailbox)
    }
}

/// Why there is nothing to explain.
enum ExplainError: CommandError {
    case unknownListener(String, known: [String])
    case unreadable(String, reason: String)
    case notPEM(String, PEMError)
    case noCertificate(String)
    case badMoment(String)
    case badReversePath(String)

    var description: String {
        switch self {
        case .unknownListener(let name, let known):
            "there is no listener '\(SafeText.escape(name))'; the configuration has: \(known.joined(separator: ", "))"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .notPEM(let path, let error): "\(path): \(error); expected the client's certificate in PEM"
        case .noCertificate(let path): "\(path) holds no certificate; expected the client's, in PEM"
        case .badMoment(let text):
            "--at: expected a moment such as 2026-11-25T04:31:33Z (RFC 3339), found '\(SafeText.escape(text))'"
        case .badReversePath(let text):
            "--from: expected an address such as alice@example.org, or '<>', found '\(SafeText.escape(text))'"
        }
    }

    var status: ExitCode {
        switch self {
        case .unknownListener, .badMoment, .badReversePath: .validationFailure
        case .unreadable: .noInput
        case .notPEM, .noCertificate: .dataError
        }
    }
}
