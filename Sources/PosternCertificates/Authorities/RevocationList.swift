public import PosternMail
import SwiftASN1

/// A certificate revocation list (RFC 5280 §5) whose signature is that of a certificate in the authority's file.
public struct RevocationList: Sendable {
    /// For people, as `CertificateFacts.subject`.
    public let issuer: String
    public let thisUpdate: Timestamp
    /// From then on the list is stale. Always there: a list that never ends could be replayed for ever.
    public let nextUpdate: Timestamp
    /// How many certificates are revoked.
    public var count: Int { serials.count }

    let issuerName: Name
    private let serials: Set<SerialNumber>

    init(_ contents: RevocationListContents) {
        issuer = contents.issuer.text
        issuerName = contents.issuer
        thisUpdate = contents.thisUpdate
        nextUpdate = contents.nextUpdate
        serials = contents.serials
    }

    func revokes(_ serial: SerialNumber) -> Bool { serials.contains(serial) }

    /// Why the list cannot be relied on at `moment`; nil if it can.
    func staleness(at moment: Timestamp) -> StaleList? {
        if moment > nextUpdate { return StaleList(issuer: issuer, reason: .expired(on: nextUpdate)) }
        if moment < thisUpdate { return StaleList(issuer: issuer, reason: .notYetValid(from: thisUpdate)) }
        return nil
    }
}

extension AuthorityFile {
    /// The lists in a file: PEM with one or several `X509 CRL` blocks, or one list as DER.
    ///
    /// - Throws: if any of them is not a list that an authority of this file signed and that we understand wholly.
    public func revocationLists(in octets: [UInt8]) throws(RevocationListError) -> [RevocationList] {
        guard octets.count <= RevocationListContents.maximumSize else {
            throw .tooLarge(octets: octets.count, limit: RevocationListContents.maximumSize)
        }
        var lists: [RevocationList] = []
        for der in try Self.blocks(octets) {
            let contents = try RevocationListContents(der: der)
            lists.append(try verified(contents))
        }
        return lists
    }

    private func verified(_ contents: RevocationListContents) throws(RevocationListError) -> RevocationList {
        let issuer = contents.issuer.text
        switch contents.signed.algorithm {
        case .accepted: break
        case .weak(let name), .unsupported(let name): throw .algorithm(issuer: issuer, name: name)
        }
        switch signer(of: contents.signed, named: contents.issuer) {
        case .unknown: throw .issuerNotFound(issuer: issuer, known: certificates.map(\.subject))
        case .wrongSignature: throw .wrongSignature(issuer: issuer)
        case .found(let signer):
            // RFC 5280 §6.3.3 (f): if a key usage extension is present, it must allow the signing of lists.
            if let usage = signer.extensions.keyUsage.value, !usage.cRLSign { throw .notAllowedToSign(issuer: issuer) }
            return RevocationList(contents)
        }
    }

    private static func blocks(_ octets: [UInt8]) throws(RevocationListError) -> [[UInt8]] {
        if octets.first == 0x30 { return [octets] }
        let blocks: [PEMBlock]
        do { blocks = try PEMBlock.read(octets) } catch { throw .notPEM(error) }
        if let other = blocks.first(where: { $0.label != PEMBlock.revocationListLabel }) {
            throw .unexpectedBlock(label: other.label)
        }
        return blocks.map(\.der)
    }
}
