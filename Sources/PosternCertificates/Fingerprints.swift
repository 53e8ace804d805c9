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
        words = digest.withUnsafeBytes { octets in
            func word(_ offset: Int) -> UInt64 {
                UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            return (word(0), word(8), word(16), word(24))
        }
    }

    /// Sixty-four digits, or sixty-four with a colon after each second.
    init?(hexadecimal text: some Collection<UInt8>) {
        var digits = Array(text)
        if digits.count == 95 {
            guard stride(from: 2, to: 95, by: 3).allSatisfy({ digits[$0] == UInt8(ascii: ":") }) else { return nil }
            digits = digits.enumerated().filter { $0.offset % 3 != 2 }.map(\.element)
        }
        guard digits.count == 64 else { return nil }
        var values: [UInt64] = []
        for start in stride(from: 0, to: 64, by: 16) {
            var value: UInt64 = 0
            for digit in digits[start..<(start + 16)] {
                guard let nibble = Self.nibble(digit) else { return nil }
                value = value << 4 | UInt64(nibble)
            }
            values.append(value)
        }
        words = (values[0], values[1], values[2], values[3])
    }

    /// Sixty-four lower-case hexadecimal digits.
    public var hexadecimal: String {
        var text = ""
        text.reserveCapacity(64)
        for word in [words.0, words.1, words.2, words.3] {
            let digits = String(word, radix: 16)
            text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return text
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

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit.asciiLowercased {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit.asciiLowercased - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
