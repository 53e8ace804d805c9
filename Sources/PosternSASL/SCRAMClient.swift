import Crypto

/// SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's half, without channel binding: both sides show that they know the
/// password, and neither sends it.
///
///     firstMessage ──> server ──> challenge(in:) ──> proof(of:) ──> server ──> isConfirmed(by:)
public struct SCRAMClient: Hashable, Sendable {
    /// No channel is bound, and no other identity is asked for (RFC 5802 §7, `gs2-header`).
    private static let header = "n,,"

    private let nonce: String
    /// The first message without its header.
    private let bare: String

    /// - Parameters:
    ///   - name: whose password it is.
    ///   - nonce: printable ASCII without commas, another for each exchange.
    public init(name: String, nonce: String) throws(ExchangeFailure) {
        let prepared: String
        do throws(SASLPrep.Failure) {
            prepared = try SASLPrep.prepare(Array(name.utf8))
        } catch {
            throw .authenticationIdentity(error)
        }
        self.nonce = nonce
        bare = "n=\(prepared.replacing("=", with: "=3D").replacing(",", with: "=2C")),r=\(nonce)"
    }

    /// What the client says first.
    public var firstMessage: [UInt8] { Array("\(Self.header)\(bare)".utf8) }

    /// Reads the server's answer to it.
    public func challenge(in message: [UInt8]) throws(SCRAMFailure) -> SCRAMChallenge {
        let text = String(decoding: message, as: UTF8.self)
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        guard !text.hasPrefix("m=") else { throw .unknownExtension }
        guard fields.count >= 3, let joint = Self.value("r", of: fields[0]),
            let salt = Self.value("s", of: fields[1]).flatMap({ Base64.decode($0) }), !salt.isEmpty,
            let rounds = Self.value("i", of: fields[2]).flatMap({ Int($0) })
        else { throw .malformed }
        // A nonce that is not ours made longer belongs to another exchange, which somebody plays again.
        guard joint.hasPrefix(nonce), joint.utf8.count > nonce.utf8.count else { throw .foreignNonce }
        guard SCRAMVerifier.acceptedRounds.contains(rounds) else { throw .roundsOutOfRange(rounds) }
        let unproved = "c=\(Base64.encode(Self.header.utf8)),r=\(joint)"
        return SCRAMChallenge(salt: salt, rounds: rounds, unproved: unproved, transcript: "\(bare),\(text),\(unproved)")
    }

    private static func value(_ name: Character, of field: Substring) -> String? {
        guard field.first == name, field.dropFirst().first == "=" else { return nil }
        return String(field.dropFirst(2))
    }
}

/// What a server asks of whoever says to know a password. It holds nothing secret.
public struct SCRAMChallenge: Hashable, Sendable {
    let salt: [UInt8]
    let rounds: Int
    /// The client's last message, but for the proof at its end.
    let unproved: String
    /// All that was said, which both sides sign.
    let transcript: String

    /// Works it out, for about 0.1 s at the usual number of rounds: never on an event loop.
    /// - Returns: nil where the library has no memory.
    public func proof(of password: Secret) -> SCRAMProof? {
        guard let salted = SCRAMVerifier.saltedPassword(password, salt: salt, rounds: rounds) else { return nil }
        // RFC 5802 §3.
        let clientKey = Array(HMAC<SHA256>.authenticationCode(for: Array("Client Key".utf8), using: salted))
        let serverKey = Array(HMAC<SHA256>.authenticationCode(for: Array("Server Key".utf8), using: salted))
        let storedKey = Array(SHA256.hash(data: clientKey))
        let proof = zip(clientKey, signature(with: storedKey)).map { $0 ^ $1 }
        return SCRAMProof(
            message: Array("\(unproved),p=\(Base64.encode(proof))".utf8), serverSignature: signature(with: serverKey))
    }

    private func signature(with key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(transcript.utf8), using: SymmetricKey(data: key)))
    }
}

/// That the client knows the password, and by what the server must show the same.
public struct SCRAMProof: Hashable, Sendable {
    /// The client's last message.
    public let message: [UInt8]
    let serverSignature: [UInt8]

    /// Whether the server's last message shows that it knows the password, too.
    public func isConfirmed(by message: [UInt8]) -> Bool {
        let first = message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).first ?? []
        guard first.starts(with: Array("v=".utf8)), let signature = Base64.decode(first.dropFirst(2)) else {
            return false
        }
        return isEqualInConstantTime(signature, serverSignature)
    }
}

/// What is wrong with a server's half of SCRAM.
public enum SCRAMFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    /// RFC 5802 §5.1: a mandatory extension, which nobody has defined yet.
    case unknownExtension
    case foreignNonce
    case roundsOutOfRange(Int)

    public var description: String {
        switch self {
        case .malformed: "the server's first message of SCRAM is malformed"
        case .unknownExtension: "the server asks for an extension of SCRAM that nobody here knows"
        case .foreignNonce: "the server's nonce does not continue ours"
        case .roundsOutOfRange(let rounds): "the server asks for \(rounds) rounds; 4096 to 10000000 are taken"
        }
    }
}
