import PosternConnection
import PosternSASL
import PosternSMTP

/// AUTH EXTERNAL in the forms that a server may want it in, one after another (RFC 4422 Appendix A, RFC 4954 §4).
struct ExternalAttempt: Hashable, Sendable {
    enum Next: Hashable, Sendable {
        case accepted
        /// Say this line, and be this attempt from then on.
        case say(String, ExternalAttempt)
        case refused
        case unexpected
    }

    private enum Form: Hashable, Sendable {
        /// The identity stands in the command's line.
        case initialResponse
        /// The server asks for the identity.
        case awaitingRequest
        case answered
    }

    /// The identity that is tried, and those that are left; nil is the empty one.
    private let identity: String?
    private let others: [String?]
    private let form: Form
    /// Whether a server that does not take the first form is shown another.
    private let isPatient: Bool

    /// The empty identity as an initial response, or nothing.
    static let plain = ExternalAttempt(identity: nil, others: [], form: .initialResponse, isPatient: false)

    /// - Parameter identities: of which the next is tried where 535 answers one.
    init(_ identities: [String?]) {
        let first = identities.first ?? nil
        self.init(
            identity: first, others: Array(identities.dropFirst()), form: Self.form(first), isPatient: true)
    }

    private init(identity: String?, others: [String?], form: Form, isPatient: Bool) {
        self.identity = identity
        self.others = others
        self.form = form
        self.isPatient = isPatient
    }

    var outcome: AuthenticationOutcome { .external(authorizationIdentity: identity) }

    /// The command that begins it.
    var line: String { form == .initialResponse ? Self.line(identity) : "AUTH EXTERNAL" }

    func next(after reply: Reply) -> Next {
        switch (reply.code, form) {
        case (235, _): return .accepted
        case (334, .initialResponse) where isPatient, (334, .awaitingRequest):
            // As an answer nothing is an empty line: `=` stands for it in the command's line alone.
            return .say(identity.map { Base64.encode($0.utf8) } ?? "", form(.answered))
        // Some servers know no initial response.
        case (501, .initialResponse) where isPatient: return .say("AUTH EXTERNAL", form(.awaitingRequest))
        case (535, _): return nextIdentity()
        default: return reply.isRefusal ? .refused : .unexpected
        }
    }

    private func nextIdentity() -> Next {
        guard let identity = others.first else { return .refused }
        // A server that did not know the initial response does not know it now.
        let form = form == .initialResponse ? Self.form(identity) : .awaitingRequest
        let attempt = ExternalAttempt(
            identity: identity, others: Array(others.dropFirst()), form: form, isPatient: isPatient)
        return .say(attempt.line, attempt)
    }

    private func form(_ form: Form) -> ExternalAttempt {
        ExternalAttempt(identity: identity, others: others, form: form, isPatient: isPatient)
    }

    /// SUB-212: a line of more than 512 octets is not sent.
    private static func form(_ identity: String?) -> Form {
        line(identity).utf8.count + 2 <= Authentication.lineLimit ? .initialResponse : .awaitingRequest
    }

    private static func line(_ identity: String?) -> String {
        // RFC 4954 §4: `=` is an initial response of no octets.
        "AUTH EXTERNAL \(identity.map { Base64.encode($0.utf8) } ?? "=")"
    }
}
