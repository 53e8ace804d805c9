import Crypto
import CryptoExtras
import Foundation

/// The verifier of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677) in the form of RFC 5803. It checks a password sent in clear
/// (PLAIN, in TLS) as well as a SCRAM proof, and holds neither the password nor what would log in elsewhere.
public struct SCRAMVerifier: Sendable, Hashable {
    /// What new verifiers get: about 0.1 s on one core.
    public static let recommendedRounds = 210_000

    static let scheme = "SCRAM-SHA-256$"
    // RFC 7677 §4 asks for 4,096 at least. Above the other end one login would hold a worker for seconds.
    static let acceptedRounds = 4_096...10_000_000

    let rounds: Int
    let salt: [UInt8]
    /// H(ClientKey)
    let storedKey: [UInt8]
    /// HMAC(SaltedPassword, "Server Key")
    let serverKey: [UInt8]

    init(_ text: String) throws(StoredPassword.ParsingFailure) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 3 else { throw .malformedSCRAM }
        let parameters = fields[1].split(separator: ":", omittingEmptySubsequences: false)
        let keys = fields[2].split(separator: ":", omittingEmptySubsequences: false)
        guard parameters.count == 2, keys.count == 2,
            let rounds = Int(parameters[0]), parameters[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let salt = Base64.decode(String(parameters[1])), !salt.isEmpty,
            let storedKey = Base64.decode(String(keys[0])), storedKey.count == SHA256.byteCount,
            let serverKey = Base64.decode(String(keys[1])), serverKey.count == SHA256.byteCount
        else { throw .malformedSCRAM }
        guard Self.acceptedRounds.contains(rounds) else { throw .roundsOutOfRange(rounds) }
        self.init(rounds: rounds, salt: salt, storedKey: storedKey, serverKey: serverKey)
    }

    init(secret: Secret, salt: [UInt8], rounds: Int) throws(StoredPassword.ParsingFailure) {
        guard Self.acceptedRounds.contains(rounds) else { throw .roundsOutOfRange(rounds) }
        guard salt.count >= 16 else { throw .saltTooShort(salt.count) }
        guard let salted = Self.saltedPassword(secret, salt: salt, rounds: rounds) else { throw .derivationFailed }
        self.init(
            rounds: rounds,
            salt: salt,
            storedKey: Self.storedKey(from: salted),
            serverKey: Array(HMAC<SHA256>.authenticationCode(for: Array("Server Key".utf8), using: salted))
        )
    }

    private init(rounds: Int, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8]) {
        self.rounds = rounds
        self.salt = salt
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// A verifier that nothing matches: a password whose key hashes to zeros is as hard to find as any key.
    static func decoy(rounds: Int) -> SCRAMVerifier {
        let zeros = [UInt8](repeating: 0, count: SHA256.byteCount)
        return SCRAMVerifier(rounds: rounds, salt: Array(zeros.prefix(16)), storedKey: zeros, serverKey: zeros)
    }

    func matches(_ secret: Secret) -> Bool {
        guard let salted = Self.saltedPassword(secret, salt: salt, rounds: rounds) else { return false }
        return isEqualInConstantTime(Self.storedKey(from: salted), storedKey)
    }

    var encoded: String {
        "\(Self.scheme)\(rounds):\(Base64.encode(salt))$\(Base64.encode(storedKey)):\(Base64.encode(serverKey))"
    }

    /// RFC 5802 §3: SaltedPassword = Hi(password, salt, rounds), which is PBKDF2 with one block. Nil where the library
    /// has no memory.
    static func saltedPassword(_ secret: Secret, salt: [UInt8], rounds: Int) -> SymmetricKey? {
        // The call that checks rounds itself refuses fewer than 210,000, which verifiers from elsewhere have.
        try? KDF.Insecure.PBKDF2.deriveKey(
            from: secret.octets,
            salt: salt,
            using: .sha256,
            outputByteCount: SHA256.byteCount,
            unsafeUncheckedRounds: rounds
        )
    }

    /// RFC 5802 §3: StoredKey = H(HMAC(SaltedPassword, "Client Key")).
    private static func storedKey(from salted: SymmetricKey) -> [UInt8] {
        let clientKey = HMAC<SHA256>.authenticationCode(for: Array("Client Key".utf8), using: salted)
        return Array(SHA256.hash(data: Array(clientKey)))
    }
}
