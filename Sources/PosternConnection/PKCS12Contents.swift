/// Why a file is no PKCS#12 that can be used.
package enum PKCS12Fault: Error, Hashable, Sendable, CustomStringConvertible {
    case notPKCS12
    case noKey
    case noCertificate

    package var description: String {
        switch self {
        case .notPKCS12: "it is neither PEM nor PKCS#12 in DER"
        case .noKey: "it is PKCS#12 without a key that can be found in it"
        case .noCertificate: "it is PKCS#12 without a certificate"
        }
    }
}

/// Looks into PKCS#12 (RFC 7292 §4) as far as it is not encrypted: whether there is a key, and may be a certificate. The TLS
/// library ends the process where one of them is missing.
enum PKCS12Contents {
    static func check(_ octets: [UInt8]) throws(PKCS12Fault) {
        // PFX: version, authSafe; a ContentInfo has an OID and, within [0], an OCTET STRING or EncryptedData.
        guard let whole = DERElement.first(of: octets[...]), whole.tag == 0x30,
            let safe = whole.children.dropFirst().first, let wrapped = safe.children.last?.children.first,
            wrapped.tag == 0x04, let contents = DERElement.first(of: wrapped.content), contents.tag == 0x30
        else { throw .notPKCS12 }
        var hasKey = false
        var mayHaveCertificate = false
        for content in contents.children {
            guard content.children.first?.content.elementsEqual(data) == true else {
                mayHaveCertificate = true
                continue
            }
            let bags = content.children.last?.children.first.flatMap { DERElement.first(of: $0.content) }
            for bag in bags?.children ?? [] {
                let kind = bag.children.first?.content.last
                // keyBag and pkcs8ShroudedKeyBag are bags 1 and 2, certBag is 3 (RFC 7292 §4.2).
                if kind == 1 || kind == 2 { hasKey = true }
                if kind == 3 { mayHaveCertificate = true }
            }
        }
        guard hasKey else { throw .noKey }
        guard mayHaveCertificate else { throw .noCertificate }
    }

    /// 1.2.840.113549.1.7.1.
    private static let data: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
}

/// One element of DER, as far as it takes to walk over definite lengths.
private struct DERElement {
    let tag: UInt8
    let content: ArraySlice<UInt8>

    static func first(of octets: ArraySlice<UInt8>) -> DERElement? {
        var octets = octets
        guard let tag = octets.popFirst(), let first = octets.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), octets.count >= count else { return nil }
            length = octets.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            octets = octets.dropFirst(count)
        }
        guard length <= octets.count else { return nil }
        return DERElement(tag: tag, content: octets.prefix(length))
    }

    /// None where it is not a list, or damaged.
    var children: [DERElement] {
        // Only constructed elements have any.
        guard tag & 0x20 != 0 else { return [] }
        var children: [DERElement] = []
        var rest = content
        while !rest.isEmpty {
            guard let child = Self.first(of: rest) else { return children }
            children.append(child)
            rest = rest[child.content.endIndex...]
        }
        return children
    }
}
