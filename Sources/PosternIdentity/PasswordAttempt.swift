import PosternMail
public import PosternSASL

/// A password to be checked, with all that the check needs: a value that is handed to a worker.
public struct PasswordAttempt: Sendable {
    /// The login name that the client gave, for the log. It may be anything that SASLprep lets through.
    public let login: String
    private let account: String?
    private let stored: StoredPassword
    /// What a wrong one is checked against as well, where its own check takes less work than that of an unknown name.
    private let decoy: StoredPassword?
    private let password: Secret

    init(login: String, account: String?, stored: StoredPassword, decoy: StoredPassword? = nil, password: Secret) {
        self.login = login
        self.account = account
        self.stored = stored
        self.decoy = decoy.flatMap { stored.isCheaper(than: $0) ? $0 : nil }
        self.password = password
    }

    /// At whom the attempt aims: the account, by whichever of its names, or a name that is none's.
    public var subject: String { account ?? login }

    /// Compares the password. Blocks for about a tenth of a second: never on an event loop, and never many at once.
    ///
    /// A login that leads nowhere takes as long as one that does, so the time tells nothing about accounts.
    public func run() -> PasswordVerdict {
        let isRight = stored.matches(password)
        // The same work, and not only the same time: on a busy machine each takes as long as the others let it.
        if !isRight { _ = decoy?.matches(password) }
        return PasswordVerdict(login: login, account: isRight ? account : nil)
    }
}

extension PasswordAttempt: Hashable {
    /// By what can be shown: attempts are compared in tests, passwords never.
    public static func == (left: PasswordAttempt, right: PasswordAttempt) -> Bool {
        left.login == right.login && left.account == right.account && left.stored == right.stored
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(login)
    }
}

/// The result of a `PasswordAttempt`; only its `run()` makes one.
public struct PasswordVerdict: Hashable, Sendable {
    public let login: String
    /// The account whose password it was; nil where it was wrong.
    let account: String?

    public var isRight: Bool { account != nil }
}

/// How a password login ends.
public enum PasswordOutcome: Sendable {
    case authenticated(Authenticated, Account)
    /// The name or the password is wrong; which of them is nobody's business.
    case wrong
    case disabled(account: String)
}

extension Snapshot {
    /// What has to be checked for these credentials. A name that is unknown, an account without a password, and an
    /// authorization identity that is not the account's own lead to a check that fails after the usual time.
    public func attempt(for credentials: PasswordCredentials) -> PasswordAttempt {
        let login = credentials.authenticationIdentity
        guard let account = account(forLogin: login), let stored = account.password,
            credentials.authorizationIdentity.map(account.isNamed) ?? true
        else { return PasswordAttempt(login: login, account: nil, stored: decoy, password: credentials.password) }
        return PasswordAttempt(
            login: login, account: account.name, stored: stored, decoy: decoy, password: credentials.password)
    }

    /// Makes an identity of a right password, if the account is still there and may act.
    public func authenticate(_ verdict: PasswordVerdict) -> PasswordOutcome {
        guard let name = verdict.account, let account = accounts[name] else { return .wrong }
        guard !account.isDisabled else { return .disabled(account: name) }
        return .authenticated(Authenticated(account, basis: .password), account)
    }
}
