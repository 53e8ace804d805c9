public import PosternCertificates
import PosternMail
import PosternSASL

/// Everything that decides who a client is, as it stood at one moment: accounts, authorities with their revocation
/// lists, and grants.
///
/// It never changes: a reload makes another one, and each decision is made from the newest. So every open session
/// learns of a revocation at its next MAIL, and nobody has to walk over them.
public final class Snapshot: Sendable {
    /// The authorities and pinned keys, as certificates are examined against them.
    public let trust: Trust
    let accounts: [String: Account]
    let decoy: StoredPassword
    private let domains: [Authority.ID: Set<Domain>]
    private let accountsByMailbox: [Mailbox: String]
    private let accountsByLogin: [String: String]
    private let accountsByKey: [KeyFingerprint: [String]]

    /// - Parameter accounts: names and addresses belong to one account each; where they do not, the first one has them.
    public init(accounts: [Account], grants: [Grant]) {
        self.accounts = Dictionary(accounts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        domains = Dictionary(grants.map { ($0.authority.id, $0.domains) }, uniquingKeysWith: { $0.union($1) })
        accountsByMailbox = Dictionary(
            accounts.flatMap { account in account.addresses.map { ($0, account.name) } },
            uniquingKeysWith: { first, _ in first }
        )
        accountsByLogin = Dictionary(
            accounts.flatMap { account in account.addresses.map { ($0.folded, account.name) } },
            uniquingKeysWith: { first, _ in first }
        )
        accountsByKey = Dictionary(
            accounts.flatMap { account in account.keys.map { ($0, [account.name]) } },
            uniquingKeysWith: +
        )
        trust = Trust(authorities: grants.map(\.authority), pinnedKeys: Set(accounts.flatMap(\.keys)))
        decoy = StoredPassword.decoy(for: accounts.compactMap(\.password))
    }

    /// The account of this name; nil where it is gone.
    public func account(named name: String) -> Account? {
        accounts[name]
    }

    /// The account that a client means by a login name: the name itself, or any address of the account.
    public func account(forLogin login: String) -> Account? {
        accounts[login] ?? accountsByLogin[login.asciiLowercased].flatMap { accounts[$0] }
    }

    /// The account with exactly this address. A certificate's local-part is compared octet by octet (RFC 5280 §7.5).
    func account(owning mailbox: Mailbox) -> Account? {
        accountsByMailbox[mailbox].flatMap { accounts[$0] }
    }

    func accounts(pinning key: KeyFingerprint) -> [Account] {
        accountsByKey[key, default: []].compactMap { accounts[$0] }
    }

    func domains(grantedTo authority: Authority.ID) -> Set<Domain> {
        domains[authority] ?? []
    }
}
