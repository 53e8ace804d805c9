public import PosternCertificates
public import PosternMail
public import PosternSASL

/// Somebody or something that may submit mail: its names, its proofs of identity and the addresses it may send from.
public struct Account: Sendable {
    /// The login name. Compared octet by octet.
    public let name: String
    /// The account's own addresses; the first is the primary one.
    public let addresses: [Mailbox]
    /// Nil where the account cannot log in with a password.
    public let password: StoredPassword?
    /// Public keys that stand for the account without any authority.
    public let keys: [KeyFingerprint]
    /// Senders beyond its own addresses that it may use.
    public let maySendAs: [SenderPattern]
    /// Its credentials are known, and open nothing.
    public let isDisabled: Bool
    /// What becomes of lone CRs and LFs in its messages; nil where the listener says.
    public let bareLineEnds: BareLineEnds?

    public init(
        name: String, addresses: [Mailbox], password: StoredPassword? = nil, keys: [KeyFingerprint] = [],
        maySendAs: [SenderPattern] = [], isDisabled: Bool = false, bareLineEnds: BareLineEnds? = nil
    ) {
        self.name = name
        self.addresses = addresses
        self.password = password
        self.keys = keys
        self.maySendAs = maySendAs
        self.isDisabled = isDisabled
        self.bareLineEnds = bareLineEnds
    }

    /// Whether mail from this address may be submitted in the account's name (RFC 6409 §6.1). The case of ASCII letters
    /// does not count; a plus-address counts only where it is listed.
    public func maySend(as sender: Mailbox) -> Bool {
        let folded = sender.folded
        return addresses.contains { $0.folded == folded } || maySendAs.contains { $0.matches(sender) }
    }

    /// Whether the text names this account: its login name, or any of its addresses.
    func isNamed(_ text: String) -> Bool {
        if text == name { return true }
        let folded = text.asciiLowercased
        return addresses.contains { $0.folded == folded }
    }
}

/// Addresses that an account may use as sender beside its own: one mailbox, or every mailbox of a domain (`*@domain`).
public enum SenderPattern: Hashable, Sendable {
    case mailbox(Mailbox)
    case domain(Domain)

    /// Nil unless the text is a mailbox or `*@` and a domain.
    public init?(_ text: String) {
        if text.hasPrefix("*@"), let domain = Domain(text.dropFirst(2).utf8) {
            self = .domain(domain)
        } else if let mailbox = Mailbox(text) {
            self = .mailbox(mailbox)
        } else {
            return nil
        }
    }

    func matches(_ sender: Mailbox) -> Bool {
        switch self {
        case .mailbox(let mailbox): mailbox.folded == sender.folded
        case .domain(let domain): sender.domain == domain
        }
    }
}
