import PosternIdentity
import PosternMail
import PosternSMTP

/// How far a transaction has come between two commands.
indirect enum OpenTransaction {
    /// MAIL was accepted, and recipients follow.
    case envelope(MailTransaction)
    /// Chunks of the message have come, and more are to (RFC 3030 §2).
    case chunks(Reception)
    /// A chunk was refused, and with it the message: the chunks that still come are too, up to the last or to RSET.
    case failed
}

/// An accepted MAIL and the recipients after it, up to DATA or a reset (RFC 5321 §3.3).
///
/// It can only begin with an identity: nobody submits anonymously.
struct MailTransaction {
    let identity: Authenticated
    let sequence: Submission.Sequence
    /// Whether the identity counts as that of an AUTH command (standards/policies.md 7.5).
    let isAuthenticated: Bool
    private(set) var recipients: [Recipient] = []
    private let reversePath: ReversePath
    private let parameters: MailParameters
    private var known: Set<Mailbox> = []

    init(
        _ identity: Authenticated, sequence: Submission.Sequence, isAuthenticated: Bool, from reversePath: ReversePath,
        _ parameters: MailParameters
    ) {
        self.identity = identity
        self.sequence = sequence
        self.isAuthenticated = isAuthenticated
        self.reversePath = reversePath
        self.parameters = parameters
    }

    /// Adds a recipient; one that is there already stays there once, with what was first said of it.
    mutating func add(_ recipient: Recipient) {
        if known.insert(recipient.mailbox).inserted { recipients.append(recipient) }
    }

    func contains(_ recipient: Mailbox) -> Bool { known.contains(recipient) }

    /// What DATA may begin with; nil without a recipient (RFC 5321 §3.3).
    var addressed: AddressedTransaction? {
        Envelope(
            reversePath: reversePath, recipients: recipients, body: parameters.body ?? .sevenBit,
            returnedContent: parameters.returnedContent, id: parameters.envelopeID
        ).map {
            AddressedTransaction(
                identity: identity, sequence: sequence, isAuthenticated: isAuthenticated, envelope: $0)
        }
    }
}

/// A transaction whose recipients are complete, from DATA or the first BDAT on.
struct AddressedTransaction {
    let identity: Authenticated
    let sequence: Submission.Sequence
    let isAuthenticated: Bool
    let envelope: Envelope
}
