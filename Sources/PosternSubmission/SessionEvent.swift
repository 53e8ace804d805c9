public import PosternCertificates
public import PosternIdentity
public import PosternSMTP

/// What a session has to tell an operator. The shell adds the session's id, the listener and the client's address.
public enum SessionEvent: Hashable, Sendable {
    /// TLS stands; with what the client's certificate is worth at this moment, and how long the handshake took.
    case secured(TLSVersion, CertificateSummary?, took: Duration)
    /// The handshake was not done after `limits.handshake`, and the connection was closed.
    case handshakeTimedOut(after: Duration)
    case authenticated(AuthenticationRecord)
    /// AUTH failed, or MAIL came on a certificate that does not open it.
    case authenticationRefused(AuthenticationRecord)
    case accepted(Submission)
    /// A command, or a message at its end, was refused. `verb` is nil where the line was no command.
    case refused(Verb?, Reply)
    /// Octets stood behind STARTTLS: somebody tries to slip commands into the encrypted session (CVE-2011-0411), or the
    /// client pipelines what it must not.
    case octetsBehindStartTLS(Int)
    /// A TLS handshake began on a port that starts in clear.
    case tlsOnClearPort
    /// The request line of another protocol, or octets that no command begins with.
    case anotherProtocol
    /// A client did what its programmers should know of.
    case clientFault(ClientFault)
    /// The client has closed, in order or not.
    case closedByClient(inTransaction: Bool)
    /// The server ends, and closed before the session had come to its own end.
    case cutOff(inTransaction: Bool)

    public enum ClientFault: Hashable, Sendable {
        /// An SMTP command came where a response of the AUTH exchange was due: msmtp with GSASL, `auth external` and no
        /// `user` does so.
        case commandInsteadOfResponse
    }
}

/// How an authentication ended, with all that its decision rests on.
public struct AuthenticationRecord: Hashable, Sendable {
    public let sequence: Submission.Sequence
    /// `EXTERNAL`, `PLAIN`; nil where MAIL did it.
    public let mechanism: String?
    public let policy: CertificatePolicy
    /// RFC 8314 §4: with what an authentication was protected. Nil in clear, where none succeeds.
    public let tls: TLSVersion?
    /// The account that came out, or nearly did.
    public let account: String?
    /// The login name or authorization identity that the client gave.
    public let claimed: String?
    public let certificate: CertificateSummary?
    /// Why it was refused, in a word that does not change; nil where it was not.
    public let reason: String?
}

/// A certificate in the words of a log.
public struct CertificateSummary: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        case unusable, unmapped, ambiguous, mapped
        case tlsBelowMinimum = "tls-below-minimum"
    }

    public let state: State
    /// Nil where the certificate could not be read.
    public let facts: CertificateFacts?
    /// What is wrong with it, by its rules' names.
    public let findings: [String]
    /// Why it leads where it leads: what was looked up, and what came of it. Empty unless it is verified.
    public let mapping: [MappingFinding]
    /// What an operator should look after though the certificate is verified, for people: revocation lists that are out
    /// of their time, or that say nothing of it.
    public let warnings: [String]

    /// Nil where the client sent no certificate.
    public init?(_ decision: CertificateDecision) {
        let verified: VerifiedCertificate
        switch decision.standing {
        case .noCertificate: return nil
        case .unusable(let unusable):
            (state, facts, mapping, warnings) = (.unusable, unusable.facts, [], [])
            findings = unusable.findings.map(\.rule.name)
            return
        case .tlsBelowMinimum(let certificate, _): (state, verified) = (.tlsBelowMinimum, certificate)
        case .unmapped(let certificate): (state, verified) = (.unmapped, certificate)
        case .ambiguous(let certificate, _): (state, verified) = (.ambiguous, certificate)
        case .mapped(let certificate, _): (state, verified) = (.mapped, certificate)
        }
        (facts, findings, mapping) = (verified.facts, [], decision.mapping)
        warnings = Self.warnings(verified.revocation) + verified.warnings.map(\.description)
    }

    private static func warnings(_ revocation: RevocationStatus) -> [String] {
        switch revocation {
        case .notChecked, .good: []
        case .notCovered(let issuer): ["not covered by a revocation list of \(issuer)"]
        case .unavailable(let list): [list.description]
        }
    }
}
