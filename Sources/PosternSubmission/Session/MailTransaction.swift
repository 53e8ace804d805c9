import PosternIdentity
import PosternMail
import PosternSMTP

/// An accepted MAIL and the recipients after it, up to the end of data or a reset (RFC 5321 §3.3).
///
/// It can only begin with an identity: nobody submits anonymously.
struct MailTransaction {
    let identity: Authenticated
    let sequence: Submission.Sequence
    /// Whether the identity counts as that of an AUTH command (standards/policies.md 7.5).
    let isAuthenticated: Bool
    private(set) var envelope: Envelope
    private var known: Set<Mailbox> = []

    init(
        _ identity: Authenticated, sequence: Submission.Sequence, isAuthenticated: Bool, from reversePath: ReversePath,
        _ parameters: MailParameters
    ) {
        self.identity = identity
        self.sequence = sequence
        self.isAuthenticated = isAuthenticated
        envelope = Envelope(reversePath: reversePath, recipients: [], body: parameters.body ?? .sevenBit)
    }

    /// Adds a recipient; one that is there already stays there once.
    mutating func add(_ recipient: Mailbox) {
        if known.insert(recipient).inserted { envelope.recipients.append(recipient) }
    }

    func contains(_ recipient: Mailbox) -> Bool { known.contains(recipient) }
}
