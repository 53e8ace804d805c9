/// What the server keeps of a password, and how it checks one that a client sends.
///
/// Two forms are read: the SCRAM verifier of RFC 5803 that `postern password` makes, and the hashes of crypt(3) that
/// people bring along from other systems.
public struct StoredPassword: Sendable, Hashable {
    enum Form: Hashable, Sendable {
        case scram(SCRAMVerifier)
        case crypt(CryptHash)
    }

    let form: Form

    init(_ form: Form) {
        self.form = form
    }

    /// Reads the text of a stored password: `SCRAM-SHA-256$ROUNDS:SALT$STOREDKEY:SERVERKEY`, or a hash of crypt(3) that
    /// begins with `$y$`, `$6$`, `$5$`, `$2b$`, `$2a$` or `$2y$`.
    public init(_ text: String) throws(ParsingFailure) {
        if text.hasPrefix(SCRAMVerifier.scheme) {
            form = .scram(try SCRAMVerifier(text))
        } else if text.hasPrefix("$") {
            form = .crypt(try CryptHash(text))
        } else {
            throw .unknownScheme
        }
    }

    /// Makes the form that serves PLAIN and SCRAM alike and reveals the password to neither.
    /// - Parameters:
    ///   - salt: at least 16 random octets, fresh for each password (`freshSalt(using:)`).
    ///   - rounds: of PBKDF2, at least 4,096 (RFC 7677 §4); below 210,000 the result is weak.
    public static func make(
        from secret: Secret,
        salt: [UInt8],
        rounds: Int = SCRAMVerifier.recommendedRounds
    ) throws(ParsingFailure) -> StoredPassword {
        StoredPassword(.scram(try SCRAMVerifier(secret: secret, salt: salt, rounds: rounds)))
    }

    /// Sixteen random octets.
    public static func freshSalt(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Whether this is the stored form of the password. The comparison takes the same time whatever the answer.
    ///
    /// It works for about 0.1 s and blocks its thread all the while: it must never run on an event loop, and the number
    /// that run at once must have a bound.
    public func matches(_ secret: Secret) -> Bool {
        switch form {
        case .scram(let verifier): verifier.matches(secret)
        case .crypt(let hash): hash.matches(secret)
        }
    }

    /// Whether somebody who steals it can guess faster than today's advice allows: SCRAM with fewer than 210,000
    /// rounds, bcrypt with a cost under 10, SHA-crypt with fewer than its default of 5,000 rounds.
    public var isWeak: Bool {
        switch form {
        case .scram(let verifier): verifier.rounds < SCRAMVerifier.recommendedRounds
        case .crypt(let hash): hash.isWeak
        }
    }

    /// The text that `init(_:)` reads. It belongs in a file that only the server reads, never in a log.
    public var encoded: String {
        switch form {
        case .scram(let verifier): verifier.encoded
        case .crypt(let hash): hash.text
        }
    }
}

extension StoredPassword {
    /// A stored password that no password matches and whose check takes as long as that of the dearest of the given ones:
    /// what a login with an unknown name is checked against, so that its time does not tell whether the account exists.
    ///
    /// Where accounts keep passwords in several forms one decoy cannot equal them all: whoever answers lets the answers of
    /// cheaper ones wait for as long.
    public static func decoy(for passwords: some Sequence<StoredPassword>) -> StoredPassword {
        let dearest = passwords.map(\.decoy).max { ($0.cost, $0.encoded) < ($1.cost, $1.encoded) }
        return dearest ?? StoredPassword(.scram(.decoy(rounds: SCRAMVerifier.recommendedRounds)))
    }

    /// Whether its check takes less work than that of another.
    public func isCheaper(than other: StoredPassword) -> Bool { cost < other.cost }

    /// How long a check takes, in milliseconds, roughly: it serves to compare.
    private var cost: Double {
        switch form {
        case .scram(let verifier): Double(verifier.rounds) * 0.0005
        case .crypt(let hash): hash.milliseconds
        }
    }

    private var decoy: StoredPassword {
        switch form {
        case .scram(let verifier): StoredPassword(.scram(.decoy(rounds: verifier.rounds)))
        case .crypt(let hash): StoredPassword(.crypt(hash.decoy))
        }
    }
}

extension StoredPassword: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "****" }
    public var debugDescription: String { "****" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension StoredPassword {
    /// Why a text is no stored password. The cases carry no part of the key.
    public enum ParsingFailure: Error, Hashable, Sendable, CustomStringConvertible {
        case unknownScheme
        /// Not `SCRAM-SHA-256$ROUNDS:SALT$STOREDKEY:SERVERKEY` with three texts of BASE64 and two keys of 32 octets.
        case malformedSCRAM
        /// Outside 4,096 to 10,000,000.
        case roundsOutOfRange(Int)
        /// Octets.
        case saltTooShort(Int)
        /// A method of crypt(3) that is not read, by its prefix.
        case unknownCryptMethod(String)
        /// The prefix of a known method, and behind it what its hashes do not look like.
        case malformedCrypt(String)
        /// A cost so high that one login would hold a worker for minutes.
        case costOutOfRange(method: String, cost: Int)
        /// The system could not derive a key, for want of memory.
        case derivationFailed

        public var description: String { "\(fault); `postern password` makes a stored password" }

        private var fault: String {
            switch self {
            case .unknownScheme:
                "expected SCRAM-SHA-256$… (RFC 5803) or a hash of crypt(3) such as $y$… or $6$…, found neither"
            case .malformedSCRAM:
                "expected SCRAM-SHA-256$ROUNDS:SALT$STOREDKEY:SERVERKEY with salt and keys in BASE64 (RFC 5803)"
            case .roundsOutOfRange(let rounds):
                "expected 4096 to 10000000 rounds (RFC 7677 section 4), found \(rounds)"
            case .saltTooShort(let count):
                "expected a salt of 16 octets or more, found \(count)"
            case .unknownCryptMethod(let prefix):
                "expected a hash of crypt(3) with $y$, $6$, $5$, $2b$, $2a$ or $2y$, found \(prefix)"
            case .malformedCrypt(let prefix):
                "expected a whole hash of crypt(3) behind \(prefix), found another length or other characters"
            case .costOutOfRange(let method, let cost):
                "expected a cost that one login can bear, found \(cost) with \(method)"
            case .derivationFailed:
                "the system had not the memory to derive a key"
            }
        }
    }
}
