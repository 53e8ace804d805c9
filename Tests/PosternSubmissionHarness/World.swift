package import PosternCertificates
package import PosternIdentity
import PosternMail
import PosternSASL
import PosternTestSupport
import Synchronization
import X509

/// The people, devices and authorities of the tests, as they stand on 2026-06-01.
///
/// Alice has two addresses, may send as anybody at lists.example.org and has the password `wonderland`; bob has
/// `builder`; carol has `sesame` and is disabled; dave has no password, and a pinned key.
package struct World: Sendable {
    private static let result = Result { try World() }

    package static var shared: World {
        get throws { try result.get() }
    }

    private let authority: TestAuthority
    private let neighbour: TestAuthority
    private let certificates: [ClientCertificate: TestCertificate]
    private let chains: [ClientCertificate: PresentedChain]
    private let passwords: [String: StoredPassword]
    // A test replays a dialogue hundreds of times.
    private let snapshots = Cache<Identities, Snapshot>()
    private let examinations = Cache<ClientCertificate, Examination?>()

    // By crypt(3) with its fewest rounds: a dialogue with a password is replayed hundreds of times.
    private static let passwordHashes = [
        "alice": "$5$rounds=1000$saltsaltsalt$2vyuRnJqDn2XPM8XDOHjGJxISmoGf2j19TmNAYjhNP3",
        "bob": "$5$rounds=1000$saltsaltsalt$n9pssd.7e96mMMyeYqVF7kqzUOoambxqNSeKq0meGF8",
        "carol": "$5$rounds=1000$saltsaltsalt$f2wYLRFl6msv2noHHT1tANC7P7lcQrRkk5J7rIsxClA",
    ]

    private init() throws {
        authority = try TestAuthority("Devices of example.org")
        neighbour = try TestAuthority("Devices of a neighbour")
        certificates = try Self.issue(from: authority, neighbour)
        chains = certificates.mapValues { $0.chain() }
            .merging([.garbage: PresentedChain(der: [Array("not DER".utf8)])]) { first, _ in first }
        passwords = try Self.passwordHashes.mapValues { try StoredPassword($0) }
    }

    /// What a handshake finds out about the chain of a client; nil where it sends none.
    package func examination(of certificate: ClientCertificate) throws -> Examination? {
        try examinations.value(for: certificate) {
            try chains[certificate].map { Examination(of: $0, against: try snapshot(Identities()).trust) }
        }
    }

    /// The chain that the client sends; nil where it sends none.
    package func chain(of certificate: ClientCertificate) -> PresentedChain? {
        chains[certificate]
    }

    package func snapshot(_ identities: Identities) throws -> Snapshot {
        try snapshots.value(for: identities) { try makeSnapshot(identities) }
    }

    private func makeSnapshot(_ identities: Identities) throws -> Snapshot {
        let accounts = try accounts(identities)
        let grants = [
            Grant(authority: try authority(identities), domains: try [Self.domain("example.org")]),
            Grant(authority: try neighbour.authority(), domains: try [Self.domain("neighbour.example")]),
        ]
        return Snapshot(accounts: accounts, grants: grants)
    }

    private func authority(_ identities: Identities) throws -> Authority {
        let revoked = identities.revoked.sorted { $0.rawValue < $1.rawValue }.compactMap { certificates[$0] }
        let end = identities.lists == .fresh ? Timestamp.testEnd : Timestamp.testNow.adding(days: -1)
        let list = try authority.revocationList(revoking: revoked, nextUpdate: end)
        return try authority.authority(
            lists: authority.file().revocationLists(in: list),
            revocation: identities.lists == .staleSoft ? .soft : .hard)
    }

    private func accounts(_ identities: Identities) throws -> [Account] {
        let owners = ["alice@example.org": "alice", "a.smith@example.org": "alice", "bob@example.org": "bob"]
            .merging(["carol@example.org": "carol", "dave@example.org": "dave"]) { first, _ in first }
            .merging(identities.moved) { _, new in new }
        return try ["alice", "bob", "carol", "dave"].filter { !identities.removed.contains($0) }.map { name in
            let own = owners.filter { $0.value == name }.map(\.key)
            // The primary address first.
            let addresses = own.sorted { ($0.hasPrefix(name) ? 0 : 1, $0) < ($1.hasPrefix(name) ? 0 : 1, $1) }
            return Account(
                name: name, addresses: addresses.compactMap { Mailbox($0) }, password: passwords[name],
                keys: name == "dave" ? try keysOfDave : [],
                maySendAs: name == "alice" ? [SenderPattern("*@lists.example.org")].compactMap { $0 } : [],
                isDisabled: identities.disabled.contains(name),
                bareLineEnds: name == "alice" ? identities.bareLineEnds : nil)
        }
    }

    private var keysOfDave: [KeyFingerprint] {
        get throws {
            try [ClientCertificate.pinned, .pinnedExpired, .pinAgainstName].compactMap {
                try certificates[$0]?.keyFingerprint
            }
        }
    }

    private static func domain(_ text: String) throws -> Domain {
        guard let domain = Domain(text) else { throw WorldError.notADomain(text) }
        return domain
    }
}

package enum WorldError: Error {
    case notADomain(String)
}

/// Values that are made once for each key.
private final class Cache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let made = Mutex<[Key: Value]>([:])

    func value(for key: Key, make: () throws -> Value) rethrows -> Value {
        if let value = made.withLock({ $0[key] }) { return value }
        let value = try make()
        made.withLock { $0[key] = value }
        return value
    }
}

extension World {
    private static func issue(
        from authority: TestAuthority, _ neighbour: TestAuthority
    ) throws -> [ClientCertificate: TestCertificate] {
        let alice = ["alice@example.org"]
        let stranger = try TestAuthority("Somebody else")
        let (yesterday, tomorrow) = (Timestamp.testNow.adding(days: -1), Timestamp.testNow.adding(days: 1))
        return [
            .expired: try authority.issue(mailboxes: alice, notAfter: yesterday),
            .notYetValid: try authority.issue(mailboxes: alice, notBefore: tomorrow),
            .otherIssuer: try stranger.issue(mailboxes: alice),
            .noClientAuth: try authority.issue(mailboxes: alice) { try $0.setUsages([.serverAuth]) },
            .weakKey: try authority.issue(mailboxes: alice) { $0.publicKey = RSAKeys.weak },
            .revoked: try authority.issue(mailboxes: alice),
            .nobody: try authority.issue(mailboxes: ["nobody@example.org"], commonName: "alice"),
            .outsideGrant: try neighbour.issue(mailboxes: alice),
            .noNames: try authority.issue(commonName: "alice"),
            .wrongCase: try authority.issue(mailboxes: ["Alice@example.org"]),
            .nulInName: try authority.issue { try $0.setMailboxes(["alice@example.org\0.neighbour.example"]) },
            .lineEndInName: try authority.issue { try $0.setMailboxes(["alice@example.org\r\nbob@example.org"]) },
            .twoAccounts: try authority.issue(mailboxes: ["alice@example.org", "bob@example.org"]),
            .withDisabled: try authority.issue(mailboxes: ["alice@example.org", "carol@example.org"]),
            .pinAgainstName: try authority.issue(mailboxes: alice),
            .alice: try authority.issue(mailboxes: alice, commonName: "Alice's laptop"),
            .aliceNamedBob: try authority.issue(mailboxes: alice, commonName: "bob"),
            .alias: try authority.issue(mailboxes: ["a.smith@EXAMPLE.org"]),
            .bob: try authority.issue(mailboxes: ["bob@example.org"]),
            .carol: try authority.issue(mailboxes: ["carol@example.org"]),
            .pinned: try selfSigned(until: .testEnd),
            .pinnedExpired: try selfSigned(until: yesterday),
        ]
    }

    /// As `openssl req -x509` makes it: an authority's own.
    private static func selfSigned(until end: Timestamp) throws -> TestCertificate {
        try TestAuthority("dave") { template in
            template.notAfter = end
            try template.setKeyUsage(KeyUsage(digitalSignature: true, keyCertSign: true))
        }.certificate
    }
}
