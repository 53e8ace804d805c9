package import PosternCertificates
package import SwiftASN1
package import X509

extension CertificateTemplate {
    /// Puts this extension in the place of the one of its kind.
    package mutating func set(_ extension: Certificate.Extension) {
        remove(`extension`.oid)
        extensions.append(`extension`)
    }

    package mutating func remove(_ identifier: ASN1ObjectIdentifier) {
        extensions.removeAll { $0.oid == identifier }
    }

    package mutating func setMailboxes(_ mailboxes: [String]) throws {
        try setMailboxes(octets: mailboxes.map { Array($0.utf8) })
    }

    /// rfc822Names of any octets, as no library would write them.
    package mutating func setMailboxes(octets: [[UInt8]]) throws {
        set(try .alternativeNames(octets.map { (tag: 1, octets: $0) }))
    }

    package mutating func setUsages(_ usages: [ExtendedKeyUsage.Usage]) throws {
        set(try .init(ExtendedKeyUsage(usages), critical: false))
    }

    package mutating func setKeyUsage(_ usage: KeyUsage) throws {
        set(try .init(usage, critical: true))
    }

    package mutating func setAuthority(pathLength: Int? = nil) throws {
        set(try .init(BasicConstraints.isCertificateAuthority(maxPathLength: pathLength), critical: true))
    }
}

extension Certificate.Extension {
    /// Alternative names of any tags and octets.
    package static func alternativeNames(_ names: [(tag: UInt, octets: [UInt8])]) throws -> Certificate.Extension {
        var serializer = DER.Serializer()
        serializer.appendConstructedNode(identifier: .sequence) { sequence in
            for name in names {
                sequence.appendPrimitiveNode(
                    identifier: ASN1Identifier(tagWithNumber: name.tag, tagClass: .contextSpecific)
                ) { $0 += name.octets }
            }
        }
        return .init(oid: [2, 5, 29, 17], critical: false, value: serializer.serializedBytes[...])
    }

    /// A subjectAltName with one SmtpUTF8Mailbox (RFC 9598 §3).
    package static func alternativeNames(internationalMailbox: String) throws -> Certificate.Extension {
        let form: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 8, 9]
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { names in
            let otherName = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
            try names.appendConstructedNode(identifier: otherName) { name in
                try name.serialize(form)
                try name.appendConstructedNode(identifier: otherName) { value in
                    try value.serialize(ASN1UTF8String(internationalMailbox))
                }
            }
        }
        return .init(oid: [2, 5, 29, 17], critical: false, value: serializer.serializedBytes[...])
    }

    /// An extension that nobody knows.
    package static func unknown(critical: Bool) -> Certificate.Extension {
        .init(oid: [1, 3, 6, 1, 4, 1, 32473, 1], critical: critical, value: [0x05, 0x00])
    }
}
