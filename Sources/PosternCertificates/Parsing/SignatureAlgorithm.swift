import SwiftASN1
import X509

/// How a certificate or a revocation list is signed.
enum SignatureAlgorithm: Hashable, Sendable {
    /// One that we check: RSA (PKCS #1 v1.5) or ECDSA with SHA-2, or Ed25519.
    case accepted(Certificate.SignatureAlgorithm, name: String)
    /// One whose hash can be forged, or nearly so.
    case weak(name: String)
    /// One that we cannot check.
    case unsupported(name: String)

    init(_ node: ASN1Node) throws {
        var children = try node.children(of: "signature algorithm")
        let identifier = try ASN1ObjectIdentifier(derEncoded: children.required("signature algorithm"))
        self = Self.known[identifier] ?? .unsupported(name: "algorithm \(identifier)")
    }

    var name: String {
        switch self {
        case .accepted(_, let name), .weak(let name), .unsupported(let name): name
        }
    }

    private static let known: [ASN1ObjectIdentifier: SignatureAlgorithm] = [
        [1, 2, 840, 113549, 1, 1, 11]: .accepted(.sha256WithRSAEncryption, name: "RSA with SHA-256"),
        [1, 2, 840, 113549, 1, 1, 12]: .accepted(.sha384WithRSAEncryption, name: "RSA with SHA-384"),
        [1, 2, 840, 113549, 1, 1, 13]: .accepted(.sha512WithRSAEncryption, name: "RSA with SHA-512"),
        [1, 2, 840, 10045, 4, 3, 2]: .accepted(.ecdsaWithSHA256, name: "ECDSA with SHA-256"),
        [1, 2, 840, 10045, 4, 3, 3]: .accepted(.ecdsaWithSHA384, name: "ECDSA with SHA-384"),
        [1, 2, 840, 10045, 4, 3, 4]: .accepted(.ecdsaWithSHA512, name: "ECDSA with SHA-512"),
        [1, 3, 101, 112]: .accepted(.ed25519, name: "Ed25519"),
        [1, 2, 840, 113549, 1, 1, 2]: .weak(name: "RSA with MD2"),
        [1, 2, 840, 113549, 1, 1, 4]: .weak(name: "RSA with MD5"),
        [1, 2, 840, 113549, 1, 1, 5]: .weak(name: "RSA with SHA-1"),
        [1, 2, 840, 10045, 4, 1]: .weak(name: "ECDSA with SHA-1"),
        [1, 2, 840, 10040, 4, 3]: .weak(name: "DSA with SHA-1"),
        [1, 2, 840, 113549, 1, 1, 14]: .unsupported(name: "RSA with SHA-224"),
        [1, 2, 840, 10045, 4, 3, 1]: .unsupported(name: "ECDSA with SHA-224"),
        [1, 2, 840, 113549, 1, 1, 10]: .unsupported(name: "RSA-PSS"),
        [1, 3, 101, 113]: .unsupported(name: "Ed448"),
    ]
}

/// Something signed: what the signature is over, how, and the signature.
struct SignedOctets: Sendable {
    let octets: ArraySlice<UInt8>
    let algorithm: SignatureAlgorithm
    let signature: ArraySlice<UInt8>

    /// Whether `key` made the signature; nil where the algorithm is not one that we check.
    func isSigned(by key: Certificate.PublicKey) -> Bool? {
        guard case .accepted(let algorithm, _) = algorithm else { return nil }
        return key.isValidSignature(signature, for: octets, signatureAlgorithm: algorithm)
    }
}
