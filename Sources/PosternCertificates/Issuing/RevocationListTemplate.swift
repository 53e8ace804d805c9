package import PosternMail
import SwiftASN1
package import X509

/// A revocation list before it is signed (RFC 5280 §5.1.2), every field open.
package struct RevocationListTemplate: Sendable {
    package var issuer: DistinguishedName
    package var thisUpdate: Timestamp
    package var nextUpdate: Timestamp?
    package var entries: [Entry]
    package var extensions: [Certificate.Extension]

    package struct Entry: Sendable {
        /// The content octets of the INTEGER.
        package var serial: [UInt8]
        package var extensions: [Certificate.Extension]

        package init(serial: [UInt8], extensions: [Certificate.Extension] = []) {
            self.serial = serial
            self.extensions = extensions
        }
    }

    package init(
        issuer: DistinguishedName, thisUpdate: Timestamp, nextUpdate: Timestamp?, entries: [Entry],
        extensions: [Certificate.Extension]
    ) {
        self.issuer = issuer
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.entries = entries
        self.extensions = extensions
    }

    /// The list in DER, signed with `signer`.
    package func signed(by signer: Signer) throws -> [UInt8] {
        try signer.sign { algorithm in
            var serializer = DER.Serializer()
            try serializer.appendConstructedNode(identifier: .sequence) { body in
                try body.serialize(1)
                body.serializeRawBytes(algorithm)
                try body.serialize(issuer)
                try body.serialize(thisUpdate)
                if let nextUpdate { try body.serialize(nextUpdate) }
                // RFC 5280 §5.1.2.6: with nothing revoked, the field must be absent.
                if !entries.isEmpty { try serializeEntries(into: &body) }
                if !extensions.isEmpty {
                    try body.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) {
                        try $0.serializeSequenceOf(extensions)
                    }
                }
            }
            return serializer.serializedBytes
        }
    }

    private func serializeEntries(into body: inout DER.Serializer) throws {
        try body.appendConstructedNode(identifier: .sequence) { list in
            for entry in entries {
                try list.appendConstructedNode(identifier: .sequence) { fields in
                    fields.appendPrimitiveNode(identifier: .integer) { $0 += entry.serial }
                    try fields.serialize(thisUpdate)
                    if !entry.extensions.isEmpty { try fields.serializeSequenceOf(entry.extensions) }
                }
            }
        }
    }
}
