import Crypto
import Testing

@testable import PosternSASL

@Suite("Stored passwords")
struct StoredPasswordTests {
    private static func secret(_ text: String) throws -> Secret { try Secret(preparing: text.utf8) }

    /// User "user", password "pencil", with the salt and the rounds of RFC 7677 §3.
    private static let example =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

    @Test("RFC 7677 §3: the verifier made of the example's password proves its exchange")
    func exampleExchange() throws {
        let made = try StoredPassword.make(
            from: Self.secret("pencil"), salt: try #require(Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==")), rounds: 4096)
        #expect(made.encoded == Self.example)
        guard case .scram(let verifier) = made.form else {
            Issue.record("not SCRAM")
            return
        }
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        let message = Array(
            "n=user,r=rOprNGfwEbeRWgbNEkqO,r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=\(nonce)".utf8)
        let proof = try #require(Base64.decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
        let signature = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: verifier.storedKey))
        let clientKey = zip(proof, signature).map { $0 ^ $1 }
        #expect(Array(SHA256.hash(data: clientKey)) == verifier.storedKey)
        let server = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: verifier.serverKey))
        #expect(Base64.encode(Array(server)) == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }

    @Test("RFC 5803: what is written is read, and matches that password alone")
    func scram() throws {
        let stored = try StoredPassword(Self.example)
        #expect(stored.encoded == Self.example)
        #expect(stored.matches(try Self.secret("pencil")))
        #expect(!stored.matches(try Self.secret("Pencil")))
        #expect(!stored.matches(try Self.secret("pencil ")))
    }

    @Test("fewer than 210,000 rounds are read and called weak")
    func weakness() throws {
        #expect(try StoredPassword(Self.example).isWeak)
        #expect(try !StoredPassword(Self.example.replacing("$4096:", with: "$210000:")).isWeak)
        #expect(SCRAMVerifier.recommendedRounds == 210_000)
        #expect(try StoredPassword(Self.bcrypt4).isWeak)
        #expect(try StoredPassword(Self.sha512With1000Rounds).isWeak)
        #expect(try !StoredPassword(Self.sha512).isWeak)
        #expect(try !StoredPassword(Self.bcrypt10).isWeak)
        #expect(try !StoredPassword(Self.yescrypt).isWeak)
    }

    @Test("a salt is 16 octets or more, rounds 4,096 or more")
    func makingLimits() throws {
        let secret = try Self.secret("pencil")
        #expect(throws: StoredPassword.ParsingFailure.saltTooShort(15)) {
            try StoredPassword.make(from: secret, salt: Array(repeating: 1, count: 15), rounds: 4096)
        }
        #expect(throws: StoredPassword.ParsingFailure.roundsOutOfRange(4095)) {
            try StoredPassword.make(from: secret, salt: Array(repeating: 1, count: 16), rounds: 4095)
        }
        var generator = SystemRandomNumberGenerator()
        let salts = Set((0..<50).map { _ in StoredPassword.freshSalt(using: &generator) })
        #expect(salts.count == 50 && salts.allSatisfy { $0.count == 16 })
    }

    @Test(
        "hashes that people bring along match their password alone",
        arguments: [
            sha512, sha256, sha512With1000Rounds, bcrypt4, "$2y" + bcrypt4.dropFirst(3), bcrypt10, yescrypt,
        ])
    func crypt(hash: String) throws {
        let stored = try StoredPassword(hash)
        #expect(stored.encoded == hash)
        #expect(stored.matches(try Self.secret("pencil")))
        #expect(!stored.matches(try Self.secret("pencil2")))
        #expect(!stored.matches(try Self.secret("pencik")))
    }

    @Test("where crypt(3) refuses, nothing matches")
    func failsClosed() throws {
        // A cost that bcrypt does not have; libxcrypt answers `*0`.
        let refused = try StoredPassword("$2b$03$" + Self.bcrypt4.dropFirst(7))
        #expect(!refused.matches(try Self.secret("pencil")))
        // Longer than crypt(3) takes.
        #expect(try !StoredPassword(Self.sha512).matches(Self.secret(String(repeating: "a", count: 5_000))))
    }

    @Test(
        "what cannot be read is named, with the way to a right one",
        arguments: [
            ("pencil", .unknownScheme),
            ("", .unknownScheme),
            ("{SSHA}abc", .unknownScheme),
            (
                "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE=",
                .unknownScheme
            ),
            ("SCRAM-SHA-256$4096", .malformedSCRAM),
            ("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ$AAAA:AAAA", .malformedSCRAM),
            (example + "$", .malformedSCRAM),
            (example.replacing("$4096", with: "$+4096"), .malformedSCRAM),
            (example.replacing("$4096", with: "$1000"), .roundsOutOfRange(1000)),
            (example.replacing("$4096", with: "$10000001"), .roundsOutOfRange(10_000_001)),
            ("$1$abcdefgh$Gqo0dW5ZZwRMuhky6A93q0", .unknownCryptMethod("$1$")),
            ("$thisisnomethod", .unknownCryptMethod("another")),
            ("$6$saltsalt$short", .malformedCrypt("$6$")),
            (sha512 + "x", .malformedCrypt("$6$")),
            (String(sha512.dropLast()), .malformedCrypt("$6$")),
            (sha512.dropLast() + ":", .malformedCrypt("$6$")),
            ("$y$" + sha256.dropFirst(3), .malformedCrypt("$y$")),
            ("$2b$xx$" + bcrypt4.dropFirst(7), .malformedCrypt("$2b$")),
            ("$2b$31$" + bcrypt4.dropFirst(7), .costOutOfRange(method: "$2b$", cost: 31)),
            (
                sha512With1000Rounds.replacing("=1000$", with: "=999999999$"),
                .costOutOfRange(method: "$6$", cost: 999_999_999)
            ),
        ] as [(String, StoredPassword.ParsingFailure)])
    func unreadable(text: String, expected: StoredPassword.ParsingFailure) {
        #expect(throws: expected) { try StoredPassword(text) }
        #expect("\(expected)".hasSuffix("; `postern password` makes a stored password"))
        #expect("\(expected)".hasPrefix("expected"))
    }

    @Test("D1: the decoy costs what the dearest of the accounts' passwords costs, and matches nothing")
    func decoy() throws {
        let scram = try StoredPassword(Self.example)
        let hash = try StoredPassword(Self.sha512With1000Rounds)
        let decoy = StoredPassword.decoy(for: [hash, hash, scram])
        #expect(decoy.encoded.hasPrefix("SCRAM-SHA-256$4096:"))
        #expect(!decoy.matches(try Self.secret("pencil")))
        let cryptDecoy = StoredPassword.decoy(for: [hash])
        #expect(cryptDecoy.encoded.hasPrefix("$6$rounds=1000$saltsalt$...."))
        #expect(!cryptDecoy.matches(try Self.secret("pencil")))
        // A cheap yescrypt, bcrypt of its least cost and of a usual one, SHA-crypt of few and of many rounds.
        let costs = [Self.bcrypt4, Self.sha512With1000Rounds, Self.sha512, Self.example, Self.yescrypt, Self.bcrypt10]
        let manyRounds = Self.sha512With1000Rounds.replacing("=1000$", with: "=1000000$")
        for (dearest, cheap) in [
            (Self.bcrypt10, Self.example), (manyRounds, Self.bcrypt10), (Self.sha512, Self.bcrypt4),
        ] {
            let decoy = StoredPassword.decoy(for: [try StoredPassword(cheap), try StoredPassword(dearest)])
            #expect(decoy == StoredPassword.decoy(for: [try StoredPassword(dearest)]))
        }
        #expect(StoredPassword.decoy(for: try costs.map { try StoredPassword($0) }).encoded.hasPrefix("$2a$10$"))
        #expect(StoredPassword.decoy(for: []).encoded.hasPrefix("SCRAM-SHA-256$210000:"))
        for text in [Self.sha256, Self.bcrypt4, Self.yescrypt] {
            let decoy = StoredPassword.decoy(for: [try StoredPassword(text)])
            #expect(try StoredPassword(decoy.encoded) == decoy)
            #expect(!decoy.matches(try Self.secret("pencil")))
        }
    }

    @Test("neither a password nor its stored form prints")
    func printsNothing() throws {
        let secret = try Self.secret("pencil")
        let stored = try StoredPassword(Self.example)
        let credentials = PasswordCredentials(
            authorizationIdentity: nil, authenticationIdentity: "user", password: secret)
        for text in [
            "\(secret)", "\(stored)", String(reflecting: secret), String(reflecting: stored), "\(credentials)",
            dumped(secret), dumped(stored), dumped(credentials), dumped(Credentials.password(credentials)),
        ] {
            #expect(!text.contains("pencil") && !text.contains("WG5d") && !text.contains("112"))
        }
        #expect(secret.isEqual(to: try Self.secret("pencil")))
        #expect(!secret.isEqual(to: try Self.secret("pencil1")))
        #expect(!secret.isEqual(to: try Self.secret("qencil")))
    }

    private func dumped(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    // Made by `openssl passwd -6 -salt saltsalt pencil`, `-5` likewise; the others by crypt(3).
    private static let sha512 =
        "$6$saltsalt$rD9fW1BwIrjB90WCgCTdIQc3phTBhf04I6Iw/XlgKD9E9aEbzqGZipjiFxGo/4wWXDA6jV6/vZO.kKdDSfUJb0"
    private static let sha256 = "$5$saltsalt$hl9BvcGsj7AkON13nbqeQHDgRpHyFxt7WDzLoS.OCQ/"
    private static let sha512With1000Rounds =
        "$6$rounds=1000$saltsalt$bbY.T.ZpN43KapLdmlSbP6MmxBlkMSbhrh.Y1rmY0fYaRO/t.4sKqUiU.Z8byKf8Oa1yagMn/0fncuHSYrb9h."
    private static let bcrypt4 = "$2b$04$abcdefghijklmnopqrstuu/FyAyuZSl3DbPdvio4KrIBdz2k2yhV2"
    private static let bcrypt10 = "$2a$10$abcdefghijklmnopqrstuu2fMqzrrTFXV22h0L0W0mrmQ9CsTiWs."
    private static let yescrypt = "$y$j75$abcdefghijklmnopqrstu/$bHvLSoeEbepKyCCKv/k/vX8Lf7nbvtV7nPhmWP5cVh3"
}
