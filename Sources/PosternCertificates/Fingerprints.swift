import Crypto
import PosternMail

/// A SHA-256 value that names something for good: equal fingerprints mean equal octets.
public protocol Fingerprint: Hashable, Sendable, CustomStringConvertible {
    var digest: SHA256Value { get }
    init(digest: SHA256Value)
}

extension Fingerprint {
    /// `sha256:` and 64 lower-case hexadecimal digits.
    public var description: String { "sha256:" + digest.hexadecimal }

    /// Reads what `description` writes, and the spellings of other programs: upper case, a colon between octets
    /// (`openssl x509 -fingerprint`), the prefix left out. Nil for anything else.
    public init?(_ text: String) {
        var digits = Array(text.utf8)[...]
        if digits.prefix(7).map(\.asciiLowercased) == Array("sha256:".utf8) { digits = digits.dropFirst(7) }
        guard let digest = SHA256Value(hexadecimal: digits) else { return nil }
        self.init(digest: digest)
    }

    /// The fingerprint of these octets.
    init(of octets: some Sequence<UInt8>) {
        self.init(digest: SHA256Value(of: octets))
    }
}

/// Names a public key: SHA-256 over its SubjectPublicKeyInfo as the certificate carries it (RFC 7469 §2.4).
/// It stays the same when the certificate is issued anew for the same key.
public struct KeyFingerprint: Fingerprint {
    public let digest: SHA256Value
    public init(digest: SHA256Value) { self.digest = digest }
}

/// Names one certificate: SHA-256 over its whole DER.
public struct CertificateFingerprint: Fingerprint {
    public let digest: SHA256Value
    public init(digest: SHA256Value) { self.digest = digest }
}

/// Names a chain as it was presented: the certificates, their order, nothing else.
public struct ChainFingerprint: Fingerprint {
    public let digest: SHA256Value
    public init(digest: SHA256Value) { self.digest = digest }
}

/// Thirty-two octets, held so that comparing and hashing them touches no memory outside the value.
public struct SHA256Value: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    init(of octets: some Sequence<UInt8>) {
        var hasher = SHA256()
        let isHashed: Void? = octets.withContiguousStorageIfAvailable { hasher.update(bufferPointer: .init($0)) }
        if isHashed == nil { hasher.update(data: Array(octets)) }
        self.init(hasher.finalize())
    }

    init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes(Self.words)
    }

    /// Sixty-four digits, or sixty-four with a colon after each second.
    init?(hexadecimal text: some Collection<UInt8>) {
        var digits = Array(text)
        if digits.count == 95 {
            guard stride(from: 2, to: 95, by: 3).allSatisfy({ digits[$0] == UInt8(ascii: ":") }) else { return nil }
            digits = digits.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
        }
        guard let octets = [UInt8](hexadecimal: digits), octets.count == 32 else { return nil }
        words = octets.withUnsafeBytes(Self.words)
    }

    /// Sixty-four lower-case hexadecimal digits.
    public var hexadecimal: String {
        withUnsafeBytes(of: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)) {
            $0.hexadecimal
        }
    }

    public static func == (left: SHA256Value, right: SHA256Value) -> Bool {
        left.words == right.words
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }

    /// - Precondition: thirty-two octets.
    private static func words(_ octets: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        func word(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return (word(0), word(8), word(16), word(24))
    }
}
