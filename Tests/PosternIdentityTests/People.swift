import PosternCertificates
import PosternIdentity
import PosternMail
import PosternSASL
import PosternTestSupport

/// Accounts, two authorities and their certificates, for tests of who a certificate or a password stands for.
struct People {
    let devices: TestAuthority
    let neighbour: TestAuthority
    var accounts: [Account]

    /// Alice and bob at example.org; carol, who is disabled; dave, who has keys and no password.
    init(keysOfDave keys: [KeyFingerprint] = []) throws {
        devices = try TestAuthority("Devices of example.org")
        neighbour = try TestAuthority("Devices of a neighbour")
        accounts = [
            try Self.account("alice", "alice@example.org", "A.Smith@example.org", password: "wonderland"),
            try Self.account("bob", "bob@example.org", password: "builder"),
            try Self.account("carol", "carol@example.org", password: "sesame", isDisabled: true),
            try Self.account("dave", "dave@example.org", keys: keys),
        ]
    }

    static func account(
        _ name: String, _ addresses: String..., password: String? = nil, keys: [KeyFingerprint] = [],
        maySendAs patterns: [String] = [], isDisabled: Bool = false
    ) throws -> Account {
        let stored = try password.map { password in
            try StoredPassword.make(
                from: Secret(preparing: password.utf8), salt: Array(repeating: 7, count: 16), rounds: 4_096)
        }
        return Account(
            name: name, addresses: addresses.compactMap { Mailbox($0) }, password: stored, keys: keys,
            maySendAs: patterns.compactMap { SenderPattern($0) }, isDisabled: isDisabled)
    }

    /// - Parameter lists: the revocation lists of the devices' authority; by default it has none.
    func snapshot(
        lists: [RevocationList] = [], devicesSpeakFor domains: [String] = ["example.org"]
    ) throws -> Snapshot {
        Snapshot(
            accounts: accounts,
            grants: [
                Grant(authority: try devices.authority(lists: lists), domains: Set(domains.compactMap { Domain($0) })),
                Grant(
                    authority: try neighbour.authority(),
                    domains: Set(["neighbour.example"].compactMap { Domain($0) })),
            ])
    }
}

extension Snapshot {
    /// What a client that shows this certificate amounts to at the tests' moment.
    func decide(
        _ certificate: TestCertificate?, over version: TLSVersion = .v13, minimum: TLSVersion = .v12,
        at now: Timestamp = .testNow
    ) -> CertificateDecision {
        decide(
            certificate.map { Examination(of: $0.chain(), against: trust) }, over: version, minimum: minimum, at: now)
    }
}

extension CertificateDecision {
    /// The standing in a word, with the accounts that belong to it.
    var words: String {
        switch standing {
        case .noCertificate: "none"
        case .unusable: "unusable"
        case .tlsBelowMinimum(_, let minimum): "below TLS \(minimum.rawValue)"
        case .unmapped: "unmapped"
        case .ambiguous(_, let accounts): "ambiguous " + accounts.map(\.name).joined(separator: " ")
        case .mapped(_, let account): "mapped " + account.name
        }
    }
}

extension ExternalOutcome {
    /// The outcome in a word, with the account that belongs to it.
    var words: String {
        switch self {
        case .authenticated(let identity, let account) where identity.account == account.name: account.name
        case .authenticated: "an identity of another account"
        case .refused(.noCertificate): "none"
        case .refused(.unusable): "unusable"
        case .refused(.unmapped): "unmapped"
        case .refused(.ambiguous): "ambiguous"
        case .refused(.notPermitted): "not permitted"
        case .refused(.disabled): "disabled"
        case .refused(.tlsBelowMinimum(let minimum)): "below TLS \(minimum.rawValue)"
        case .refused(.revocationUnknown): "revocation unknown"
        }
    }
}

extension Continuation {
    /// The answer in a word, with the account where there is one.
    var words: String {
        switch self {
        case .stands(let account): account.name
        case .accountEnded: "account ended"
        case .certificateEnded: "certificate ended"
        case .mapsElsewhere: "maps elsewhere"
        case .revocationUnknown: "revocation unknown"
        }
    }
}
