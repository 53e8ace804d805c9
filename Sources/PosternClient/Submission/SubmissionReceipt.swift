public import PosternConnection
public import PosternMail
public import PosternSMTP

/// What becomes of a message of which the server does not take every recipient.
public enum RecipientPolicy: Hashable, Sendable {
    /// Nothing is sent.
    case allOrNothing
    /// It goes to those that are taken; the receipt tells of the others.
    case partial
}

/// What became of one recipient.
public struct RecipientReport: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// The server has taken the responsibility for it.
        case accepted(Reply)
        /// With 4yz it may be tried again.
        case refused(Reply)
        /// It was not sent, and nothing stands against another try.
        case notSent
        /// The content went out, and no answer came.
        case unknown
    }

    public let mailbox: Mailbox
    public let outcome: Outcome

    public init(_ mailbox: Mailbox, _ outcome: Outcome) {
        self.mailbox = mailbox
        self.outcome = outcome
    }
}

/// By what a client has shown who it is.
public enum AuthenticationOutcome: Hashable, Sendable {
    case none
    /// `AUTH EXTERNAL` as this identity; nil is the empty one.
    case external(authorizationIdentity: String?)
    /// MAIL upon the certificate alone. A server may refuse it yet at RCPT, until it has taken a message.
    case implicitCertificate
    /// With the SASL mechanism's name.
    case password(mechanism: String)
}

/// The connection that a message took.
public struct SubmissionConnection: Hashable, Sendable {
    public struct TLS: Hashable, Sendable {
        /// `TLS 1.3`.
        public let version: String
        public let isCertificateRequested: Bool
        public let isCertificateShown: Bool
    }

    public let port: SubmissionPort
    /// Nil without TLS.
    public let tls: TLS?
    public let authentication: AuthenticationOutcome
    public let capabilities: ServerCapabilities
}

/// A message is with the server.
public struct SubmissionReceipt: Hashable, Sendable {
    /// To the end of the content.
    public let reply: Reply
    /// By which the server calls the message, where it says so in a known way.
    public let queueID: String?
    /// In the envelope's order.
    public let recipients: [RecipientReport]
    public let connection: SubmissionConnection
    /// The dialogue, if the configuration asks for it.
    public let transcript: [String]

    /// Whether every recipient was taken.
    public var isComplete: Bool {
        recipients.allSatisfy { if case .accepted = $0.outcome { true } else { false } }
    }
}

/// What `SubmissionClient.check()` has found.
public struct SubmissionCheck: Hashable, Sendable {
    public let connection: SubmissionConnection
    public let transcript: [String]
}
