public import PosternMail

/// What became of one try to send a message.
public struct SendOutcome: Hashable, Sendable {
    public enum Fate: Hashable, Sendable {
        /// The server has it.
        case accepted
        /// It may be tried again.
        case deferred
        /// The server may have it: another try may double it.
        case uncertain
        /// It must not be tried again before something is changed.
        case refused(SendStatus)
    }

    /// What became of one recipient, and in whose words.
    public struct RecipientFate: Hashable, Sendable {
        public let mailbox: Mailbox
        public let fate: Fate
        public let text: String

        public init(_ mailbox: Mailbox, _ fate: Fate, _ text: String) {
            self.mailbox = mailbox
            self.fate = fate
            self.text = text
        }
    }

    /// In the envelope's order.
    public var recipients: [RecipientFate]
    /// What happened, on one line.
    public var text: String
    /// What to change, where something is known.
    public var hint = ""
    /// By which the server calls it.
    public var queueID: String?
    /// The server, and by what it knew us.
    public var via = ""
    /// The server's last answer, where there is one.
    public var replyCode: Int?
    /// What went wrong lies between us and the server: no connection, a login that is refused, a secret that is not to be
    /// had. The message waits until that is mended, and the next one would fare no better.
    public var isNoFaultOfMessage = false
    /// How many recipients the server takes at a time, where these were too many for it.
    public var recipientsAtATime: Int?
    public var transcript: [String] = []

    public init(recipients: [RecipientFate], text: String) {
        self.recipients = recipients
        self.text = text
    }

    /// The same fate for everybody.
    public init(_ fate: Fate, _ text: String, for envelope: Envelope) {
        self.init(recipients: envelope.recipients.map { RecipientFate($0.mailbox, fate, text) }, text: text)
    }

    public var accepted: [Mailbox] { recipients.filter { $0.fate == .accepted }.map(\.mailbox) }

    /// Who is still to get it.
    public var waiting: [Mailbox] {
        recipients.filter { $0.fate == .deferred || $0.fate == .uncertain }.map(\.mailbox)
    }

    public var isUncertain: Bool { recipients.contains { $0.fate == .uncertain } }

    public var refused: [Mailbox: String] {
        var refused: [Mailbox: String] = [:]
        for one in recipients { if case .refused = one.fate { refused[one.mailbox] = one.text } }
        return refused
    }

    /// The same, for a message that waits and is tried again: what is no fault of its own refuses nobody.
    var whileItWaits: SendOutcome {
        guard isNoFaultOfMessage else { return self }
        var outcome = self
        outcome.recipients = recipients.map { one in
            if case .refused = one.fate { return RecipientFate(one.mailbox, .deferred, one.text) }
            return one
        }
        return outcome
    }

    /// With which a program ends that has tried this and keeps nothing. What was refused for good comes first: to try
    /// again would bring nothing.
    public var status: SendStatus {
        for one in recipients { if case .refused(let status) = one.fate { return status } }
        return waiting.isEmpty ? .sent : .temporaryFailure
    }
}
