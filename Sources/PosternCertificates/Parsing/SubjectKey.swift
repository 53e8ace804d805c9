import SwiftASN1
import X509

/// The public key of a certificate, as far as we need to know it before anything is checked with it.
struct SubjectKey: Sendable {
    enum Kind: Hashable, Sendable {
        case rsa(bits: Int)
        case p256, p384, p521, ed25519
        /// A kind that we do not take, by its name or object identifier.
        case other(String)
    }

    /// The SubjectPublicKeyInfo as the certificate has it.
    let der: ArraySlice<UInt8>
    let kind: Kind

    init(_ node: ASN1Node) throws {
        der = node.encodedBytes
        var children = try node.children(of: "subjectPublicKeyInfo")
        var algorithm = try children.required("public key algorithm").children(of: "public key algorithm")
        let bits = try ASN1BitString(derEncoded: children.required("public key"))
        try children.end(of: "subjectPublicKeyInfo")
        let identifier = try ASN1ObjectIdentifier(derEncoded: algorithm.required("public key algorithm"))
        kind = try Self.kind(identifier, parameters: algorithm.next(), key: bits.bytes)
    }

    /// The key in the form that checks signatures; nil where the library refuses it.
    var verificationKey: Certificate.PublicKey? {
        try? Certificate.PublicKey(derEncoded: der)
    }

    private static func kind(
        _ algorithm: ASN1ObjectIdentifier, parameters: ASN1Node?, key: ArraySlice<UInt8>
    ) throws -> Kind {
        switch algorithm {
        case .AlgorithmIdentifier.rsaEncryption: return .rsa(bits: try modulusBits(key))
        case ed25519: return .ed25519
        case .AlgorithmIdentifier.idEcPublicKey:
            guard let parameters, let curve = try? ASN1ObjectIdentifier(derEncoded: parameters) else {
                return .other("an elliptic curve given by its parameters")
            }
            switch curve {
            case .NamedCurves.secp256r1: return .p256
            case .NamedCurves.secp384r1: return .p384
            case .NamedCurves.secp521r1: return .p521
            default: return .other(curveNames[curve] ?? "curve \(curve)")
            }
        default: return .other(algorithmNames[algorithm] ?? "algorithm \(algorithm)")
        }
    }

    /// RFC 8017 A.1.1: SEQUENCE { modulus, publicExponent }.
    private static func modulusBits(_ key: ArraySlice<UInt8>) throws -> Int {
        var children = try DER.parse(key).children(of: "RSA public key")
        let modulus = try children.required("modulus").octets(.integer, of: "modulus").drop { $0 == 0 }
        guard let first = modulus.first else { return 0 }
        return modulus.count * 8 - first.leadingZeroBitCount
    }

    private static let ed25519: ASN1ObjectIdentifier = [1, 3, 101, 112]
    private static let curveNames: [ASN1ObjectIdentifier: String] = [
        [1, 3, 132, 0, 33]: "P-224", [1, 3, 132, 0, 10]: "secp256k1", [1, 2, 840, 10045, 3, 1, 1]: "P-192",
        [1, 3, 36, 3, 3, 2, 8, 1, 1, 7]: "brainpoolP256r1", [1, 3, 36, 3, 3, 2, 8, 1, 1, 11]: "brainpoolP384r1",
    ]
    private static let algorithmNames: [ASN1ObjectIdentifier: String] = [
        [1, 2, 840, 10040, 4, 1]: "DSA", [1, 3, 101, 113]: "Ed448",
        [1, 2, 840, 113549, 1, 1, 10]: "RSA restricted to PSS",
    ]
}

extension SubjectKey.Kind: CustomStringConvertible {
    var description: String {
        switch self {
        case .rsa(let bits): "RSA \(bits) bits"
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        case .ed25519: "Ed25519"
        case .other(let name): name
        }
    }
}
