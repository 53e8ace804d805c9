import PosternMail
import SwiftASN1

/// A certificate taken apart (RFC 5280 §4.1), nothing about it believed yet.
///
/// We read it ourselves, and not through the library, so that a certificate whose key or signature the library has no
/// type for still tells its facts and every reason against it. A class, as paths share it; it never changes.
final class ParsedCertificate: Sendable {
    let der: [UInt8]
    let fingerprint: CertificateFingerprint
    /// 1 to 3, as people count them.
    let version: Int
    let serial: SerialNumber
    let issuer: Name
    let subject: Name
    let notBefore: Timestamp
    let notAfter: Timestamp
    let key: SubjectKey
    let extensions: CertificateExtensions
    let signed: SignedOctets
    /// Whether the algorithm inside of what is signed is the one outside (RFC 5280 §4.1.1.2 demands it).
    let algorithmsAgree: Bool

    init(der: [UInt8]) throws {
        self.der = der
        fingerprint = CertificateFingerprint(of: der)
        var outer = try DER.parse(der).children(of: "certificate")
        let body = try outer.required("tbsCertificate")
        let algorithm = try outer.required("signatureAlgorithm")
        let signature = try ASN1BitString(derEncoded: outer.required("signature"))
        try outer.end(of: "certificate")
        guard signature.paddingBits == 0 else { throw Malformation("signature is not a whole number of octets") }
        signed = SignedOctets(
            octets: body.encodedBytes, algorithm: try SignatureAlgorithm(algorithm), signature: signature.bytes)

        var fields = try body.children(of: "tbsCertificate")
        version = try Self.version(fields.optional(.tag(0)))
        serial = try SerialNumber(fields.required("serial number"))
        algorithmsAgree = try fields.required("signature").encodedBytes == algorithm.encodedBytes
        issuer = try Name(fields.required("issuer"), of: "issuer")
        (notBefore, notAfter) = try Self.validity(fields.required("validity"))
        subject = try Name(fields.required("subject"), of: "subject")
        key = try SubjectKey(fields.required("subjectPublicKeyInfo"))
        // Unique identifiers: forbidden to authorities since 1999, without meaning here, read past.
        _ = fields.optional(.tag(1))
        _ = fields.optional(.tag(2))
        let extensions = fields.optional(.tag(3))
        try fields.end(of: "tbsCertificate")
        self.extensions =
            try extensions.map { try CertificateExtensions($0.explicitlyTagged(of: "extensions")) } ?? .init()
    }

    /// Issuer and subject are the same name.
    var isSelfIssued: Bool { issuer == subject }

    var isAuthority: Bool { extensions.basicConstraints.value?.isAuthority ?? false }

    private static func version(_ node: ASN1Node?) throws -> Int {
        guard let node else { return 1 }
        let value = try Int(derEncoded: node.explicitlyTagged(of: "version"))
        guard (0...2).contains(value) else { throw Malformation("version is not 1, 2 or 3") }
        return value + 1
    }

    private static func validity(_ node: ASN1Node) throws -> (Timestamp, Timestamp) {
        var children = try node.children(of: "validity")
        let notBefore = try children.required("notBefore").time(of: "notBefore")
        let notAfter = try children.required("notAfter").time(of: "notAfter")
        try children.end(of: "validity")
        return (notBefore, notAfter)
    }
}
