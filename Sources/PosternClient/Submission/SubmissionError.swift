public import PosternConnection
public import PosternSMTP

/// Why a message was not submitted, and what can be done about it.
public struct SubmissionError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        // The way to the server.
        case nameNotFound
        case unreachable
        /// There is TLS behind the port, and the client waited for a greeting in clear.
        case portSpeaksTLSAtOnce
        /// There is SMTP behind the port, and the client began with TLS.
        case portExpectsSTARTTLS
        case startTLSNotOffered
        case notSMTP
        // The server's certificate.
        /// With the names that it holds.
        case serverNameMismatch(names: [String])
        case serverNotTrusted
        case tlsFailed
        /// The name that the client would introduce itself by is none.
        case hostnameUnusable
        // The client's certificate.
        /// By an alert of TLS.
        case certificateRefused
        /// The server wants one, and none was shown.
        case certificateRequired
        /// The server did not ask for one, and there is no other credential.
        case certificateNotRequested
        /// Neither EXTERNAL nor MAIL upon it was let through.
        case certificateNotAccepted
        /// Its key could not be opened.
        case certificateUnusable
        case externalNotOffered
        // Passwords.
        case passwordWanted
        case passwordRefused
        case noCommonMechanism(offered: [String])
        case credentialsNeedTLS
        // The transaction.
        case relayDenied
        case senderRefused
        case recipientsRefused
        case contentRefused
        case eightBitNotOffered
        case internationalMailNotOffered
        case tooLarge(limit: Int)
        case tooManyRecipients(limit: Int)
        case contentUnreadable
        /// The message cannot be composed.
        case message(MessageError)
        // Anything else.
        /// The server refused for a reason of its own, which its reply tells.
        case refused
        case timedOut
        case connectionLost
        case protocolViolation
        /// All connections are in use, and too many wait for one already, or it took too long.
        case busy
        case cancelled
        /// The client is being shut down.
        case stopped
    }

    public enum Acceptance: Hashable, Sendable {
        /// The server has nothing of it.
        case notAccepted
        /// The content went out whole, and no answer came: another try may double it.
        case mayHaveBeenAccepted
    }

    public enum Retry: Hashable, Sendable {
        /// Something must be changed first.
        case no
        /// After about this time, if there is anything to go by.
        case later(after: Duration?)
        /// The message may come twice.
        case unsafe
    }

    public let reason: Reason
    public let phase: ClientStep
    /// What the server answered, if a reply is to blame.
    public let reply: Reply?
    public let acceptance: Acceptance
    public let retry: Retry
    /// What happened, on one line.
    public let detail: String
    /// What is probably wrong, and what to change.
    public let hint: String
    /// In the envelope's order; empty where there was no envelope yet.
    public let recipients: [RecipientReport]
    /// The dialogue, if the configuration asks for it.
    public let transcript: [String]
}

extension SubmissionError: CustomStringConvertible {
    public var description: String { hint.isEmpty ? detail : "\(detail). \(hint)" }
}
