import PosternMail
import SwiftASN1

/// A revocation list taken apart (RFC 5280 §5.1), its signature not checked yet.
///
/// A list that we understand in part would be taken to cover what it does not, so anything critical that is not known
/// here refuses the whole list (RFC 5280 §5.2).
struct RevocationListContents {
    /// The largest list that is read, in octets: about half a million entries.
    static let maximumSize = 32 << 20

    let issuer: Name
    let thisUpdate: Timestamp
    let nextUpdate: Timestamp
    let serials: Set<SerialNumber>
    let signed: SignedOctets

    init(der: [UInt8]) throws(RevocationListError) {
        do {
            self = try Self.read(der)
        } catch let error as RevocationListError {
            throw error
        } catch let malformation as Malformation {
            throw .malformed(reason: malformation.text)
        } catch {
            throw .malformed(reason: "not DER")
        }
    }

    private init(issuer: Name, dates: (Timestamp, Timestamp), serials: Set<SerialNumber>, signed: SignedOctets) {
        self.issuer = issuer
        (thisUpdate, nextUpdate) = dates
        self.serials = serials
        self.signed = signed
    }

    private static func read(_ der: [UInt8]) throws -> RevocationListContents {
        var outer = try DER.parse(der).children(of: "certificateList")
        let body = try outer.required("tbsCertList")
        let algorithm = try outer.required("signatureAlgorithm")
        let signature = try ASN1BitString(derEncoded: outer.required("signature"))
        try outer.end(of: "certificateList")
        var fields = try body.children(of: "tbsCertList")
        _ = fields.optional(.integer)
        guard try fields.required("signature").encodedBytes == algorithm.encodedBytes else {
            throw Malformation("the two signature algorithms differ")
        }
        let issuer = try Name(fields.required("issuer"), of: "issuer")
        let thisUpdate = try fields.required("thisUpdate").time(of: "thisUpdate")
        guard let node = fields.optional(.utcTime) ?? fields.optional(.generalizedTime) else {
            throw RevocationListError.noNextUpdate(issuer: issuer.text)
        }
        let nextUpdate = try node.time(of: "nextUpdate")
        let serials = try fields.optional(.sequence).map { try entries($0, issuer: issuer) } ?? []
        try fields.optional(.tag(0)).map { try checkExtensions($0.explicitlyTagged(of: "crlExtensions"), issuer) }
        try fields.end(of: "tbsCertList")
        return RevocationListContents(
            issuer: issuer, dates: (thisUpdate, nextUpdate), serials: serials,
            signed: SignedOctets(
                octets: body.encodedBytes, algorithm: try SignatureAlgorithm(algorithm), signature: signature.bytes))
    }

    private static func entries(_ node: ASN1Node, issuer: Name) throws -> Set<SerialNumber> {
        var entries = try node.children(of: "revokedCertificates")
        var serials: Set<SerialNumber> = []
        while let entry = entries.next() {
            var fields = try entry.children(of: "revoked certificate")
            serials.insert(try SerialNumber(fields.required("serial number")))
            _ = try fields.required("revocationDate").time(of: "revocationDate")
            // No extension of an entry is known here: reasons are never critical, and the certificateIssuer of an
            // indirect list always is (RFC 5280 §5.3.3).
            try fields.next().map { try checkExtensions($0, issuer) }
            try fields.end(of: "revoked certificate")
        }
        return serials
    }

    private static func checkExtensions(_ node: ASN1Node, _ issuer: Name) throws {
        var extensions = try node.children(of: "extensions")
        while let node = extensions.next() {
            var fields = try node.children(of: "extension")
            let identifier = try ASN1ObjectIdentifier(derEncoded: fields.required("extension's identifier"))
            if let critical = fields.optional(.boolean), try Bool(derEncoded: critical) {
                throw RevocationListError.criticalExtension(
                    issuer: issuer.text, name: names[identifier] ?? identifier.description)
            }
        }
    }

    private static let names: [ASN1ObjectIdentifier: String] = [
        [2, 5, 29, 27]: "deltaCRLIndicator (only the changes since another list)",
        [2, 5, 29, 28]: "issuingDistributionPoint (only a part of the authority's certificates)",
        [2, 5, 29, 29]: "certificateIssuer (certificates of other authorities)",
    ]
}
