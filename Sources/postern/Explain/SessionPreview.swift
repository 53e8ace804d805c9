import NIOCore
import PosternCertificates
import PosternIdentity
import PosternMail
import PosternSASL
import PosternSMTP
import PosternSubmission

/// What a client with a certificate would meet on a listener: the decision about its certificate, and the replies of the
/// very session that serves connections, driven without a network.
struct SessionPreview {
    let decision: CertificateDecision
    let course: Course

    enum Course {
        /// `unusable: abort` and a certificate that cannot be used: TLS fails, and there is no session.
        case handshakeFails
        case session(Replies)
    }

    /// Each in a session of its own, inside TLS.
    struct Replies {
        let ehlo: Reply
        /// To AUTH EXTERNAL, with the authorization identity where there is one.
        let auth: Reply
        /// To MAIL without AUTH.
        let mail: Reply
        /// To MAIL after that AUTH, however it went.
        let mailAfterAuth: Reply
    }
}

extension SessionPreview {
    /// What is asked.
    struct Question {
        var settings: Settings
        var snapshot: Snapshot
        var now: Timestamp
        /// What the client's certificate says; nil for a client without one.
        var examination: Examination?
        var tls = TLSVersion.v13
        /// As whom the client wants to act; nil for `AUTH EXTERNAL =`.
        var authorizationIdentity: String?
        /// Nil for the account's own address, or `<>` where the certificate leads to no account.
        var reversePath: ReversePath?
    }

    init(_ question: Question) {
        let listener = question.settings.listener
        // Under policy off no certificate is asked for, so none is sent.
        let examination = listener.policy == .off ? nil : question.examination
        decision = question.snapshot.decide(
            examination, over: question.tls, minimum: listener.minimumTLSForCertificates, at: question.now)
        if listener.unusable == .abort, case .unusable = decision.standing {
            course = .handshakeFails
            return
        }
        let path = question.reversePath ?? Self.ownPath(decision, question)
        let dialogue = DialogueWithoutNetwork(question, examination)
        course = .session(Replies(dialogue, authorizationIdentity: question.authorizationIdentity, path))
    }

    private static func ownPath(_ decision: CertificateDecision, _ question: Question) -> ReversePath {
        let rule = question.settings.listener.authorizationIdentityRule
        var outcome = decision.authenticate(as: question.authorizationIdentity, rule: rule)
        // Whom the certificate leads to is the one to look at, even if the identity asked for is refused.
        if case .refused = outcome { outcome = decision.authenticate(as: nil, rule: rule) }
        guard case .authenticated(_, let account) = outcome, let address = account.addresses.first else { return .null }
        return .mailbox(address)
    }
}

extension SessionPreview.Replies {
    fileprivate init(
        _ dialogue: DialogueWithoutNetwork, authorizationIdentity: String?, _ reversePath: ReversePath
    ) {
        let response = authorizationIdentity.map { Base64.encode(Array($0.utf8)) } ?? "="
        var session = dialogue
        ehlo = session.say("EHLO client.example.org")
        var withAuth = session
        auth = withAuth.say("AUTH EXTERNAL \(response)")
        mailAfterAuth = withAuth.say("MAIL FROM:\(reversePath)")
        mail = session.say("MAIL FROM:\(reversePath)")
    }
}

/// A session inside TLS, spoken with in whole lines. It is a value: a copy is a session of its own.
private struct DialogueWithoutNetwork {
    private var session: Session
    private let surroundings: Surroundings

    init(_ question: SessionPreview.Question, _ examination: Examination?) {
        session = Session(Connection(id: SessionID(random: 0), clientAddress: "192.0.2.1"))
        surroundings = Surroundings(
            now: Moment(wall: question.now, monotonic: .zero), settings: question.settings, snapshot: question.snapshot)
        _ = session.receive(.connected, in: surroundings)
        if question.settings.listener.tls == .startTLS {
            _ = say("EHLO client.example.org")
            _ = say("STARTTLS")
        }
        let facts = TLSFacts(version: question.tls, examination: examination)
        _ = session.receive(.tlsEstablished(facts), in: surroundings)
    }

    /// The reply to a line. A session answers every command, or has ended with a reply of its own.
    mutating func say(_ line: String) -> Reply {
        let actions = session.receive(.bytes(ByteBuffer(string: line + "\r\n")), in: surroundings)
        for case .send(let reply, _) in actions { return reply }
        return Reply(421, "the session has ended")
    }
}
