import Crypto
import CryptoExtras
import SwiftASN1
package import X509

/// A private key, of an authority or of a certificate that one issues. It prints nothing of itself but its kind.
public struct SigningKey: Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"
        case ed25519 = "Ed25519"
        case rsa2048 = "RSA 2048"
        case rsa4096 = "RSA 4096"
    }

    package let key: Certificate.PrivateKey

    package init(_ key: Certificate.PrivateKey) { self.key = key }

    /// A fresh key, from the system's randomness.
    public static func generate(_ kind: Kind = .p256) throws(IssuingError) -> SigningKey {
        switch kind {
        case .p256: SigningKey(.init(P256.Signing.PrivateKey()))
        case .p384: SigningKey(.init(P384.Signing.PrivateKey()))
        case .p521: SigningKey(.init(P521.Signing.PrivateKey()))
        case .ed25519: SigningKey(.init(Curve25519.Signing.PrivateKey()))
        case .rsa2048: try rsa(.bits2048)
        case .rsa4096: try rsa(.bits4096)
        }
    }

    /// Reads the first private key of a PEM file: PKCS #8, SEC 1 or PKCS #1, not encrypted.
    public init(pem: [UInt8]) throws(IssuingError) {
        let blocks: [PEMBlock]
        do { blocks = try PEMBlock.read(pem) } catch { throw .notPEM(error) }
        if blocks.contains(where: { $0.label == "ENCRYPTED PRIVATE KEY" }) { throw .encryptedKey }
        guard let block = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw .noBlock(wanted: "PRIVATE KEY", found: blocks.map(\.label))
        }
        do {
            key = try Certificate.PrivateKey(pemDocument: PEMDocument(type: block.label, derBytes: block.der))
        } catch {
            throw .unusableKey(reason: "\(error)")
        }
    }

    /// The key in PEM: for a file of mode 0600.
    public var pem: String {
        get throws(IssuingError) { try IssuingError.wrapping { try key.serializeAsPEM().pemString + "\n" } }
    }

    /// What an account names to pin the key.
    public var fingerprint: KeyFingerprint {
        get throws(IssuingError) { KeyFingerprint(of: try publicKeyDER) }
    }

    public var description: String { "\(key.publicKey)" }

    /// The SubjectPublicKeyInfo.
    package var publicKeyDER: [UInt8] {
        get throws(IssuingError) {
            try IssuingError.wrapping {
                var serializer = DER.Serializer()
                try serializer.serialize(key.publicKey)
                return serializer.serializedBytes
            }
        }
    }

    private static func rsa(_ size: _RSA.Signing.KeySize) throws(IssuingError) -> SigningKey {
        try IssuingError.wrapping { SigningKey(.init(try _RSA.Signing.PrivateKey(keySize: size))) }
    }
}
