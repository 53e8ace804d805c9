package import PosternMail
package import SwiftASN1
package import X509

/// A certificate before it is signed (RFC 5280 §4.1.2), every field open: issuing sets them well, tests set them oddly.
package struct CertificateTemplate: Sendable {
    /// 1 to 3.
    package var version = 3
    /// The content octets of the INTEGER.
    package var serial: [UInt8]
    package var issuer: DistinguishedName
    package var subject: DistinguishedName
    package var notBefore: Timestamp
    package var notAfter: Timestamp
    /// The SubjectPublicKeyInfo.
    package var publicKey: [UInt8]
    package var extensions: [Certificate.Extension]

    package init(
        serial: [UInt8], issuer: DistinguishedName, subject: DistinguishedName, notBefore: Timestamp,
        notAfter: Timestamp, publicKey: [UInt8], extensions: [Certificate.Extension]
    ) {
        self.serial = serial
        self.issuer = issuer
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.publicKey = publicKey
        self.extensions = extensions
    }

    /// The certificate in DER, signed with `signer`.
    package func signed(by signer: Signer) throws -> [UInt8] {
        try signer.sign { algorithm in
            var serializer = DER.Serializer()
            try serializer.appendConstructedNode(identifier: .sequence) { body in
                if version != 1 {
                    try body.serialize(version - 1, explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific)
                }
                body.appendPrimitiveNode(identifier: .integer) { $0 += serial }
                body.serializeRawBytes(algorithm)
                try body.serialize(issuer)
                try body.appendConstructedNode(identifier: .sequence) { validity in
                    try validity.serialize(notBefore)
                    try validity.serialize(notAfter)
                }
                try body.serialize(subject)
                body.serializeRawBytes(publicKey)
                if !extensions.isEmpty {
                    try body.serialize(explicitlyTaggedWithTagNumber: 3, tagClass: .contextSpecific) {
                        try $0.serializeSequenceOf(extensions)
                    }
                }
            }
            return serializer.serializedBytes
        }
    }

    /// Sixteen random octets, positive and of a fixed length (RFC 5280 §4.1.2.2).
    package static func randomSerial() -> [UInt8] {
        var octets = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        octets[0] = octets[0] & 0x7F | 0x40
        return octets
    }
}

/// What signs certificates and lists: a key with the algorithm that goes with it.
package struct Signer: Sendable {
    package var key: SigningKey
    /// The AlgorithmIdentifier as it is written inside of what is signed.
    package var algorithm: [UInt8]
    /// The same, as it is written outside of it. Certificates where the two differ are for tests.
    package var outerAlgorithm: [UInt8]
    package var scheme: Certificate.SignatureAlgorithm

    package init(_ key: SigningKey) throws {
        self.key = key
        scheme = try Self.scheme(for: SubjectKey(DER.parse(key.publicKeyDER)).kind)
        algorithm = try Self.identifier(scheme)
        outerAlgorithm = algorithm
    }

    func sign(_ body: ([UInt8]) throws -> [UInt8]) throws -> [UInt8] {
        let octets = try body(algorithm)
        let signature = try key.key.sign(bytes: octets, signatureAlgorithm: scheme)
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { outer in
            outer.serializeRawBytes(octets)
            outer.serializeRawBytes(outerAlgorithm)
            try outer.serialize(ASN1BitString(bytes: signature.rawRepresentation[...]))
        }
        return serializer.serializedBytes
    }

    /// An AlgorithmIdentifier: RSA has NULL as its parameters (RFC 4055 §5), the others none (RFC 5758 §3.2, 8410 §3).
    package static func identifier(_ algorithm: ASN1ObjectIdentifier, hasNull: Bool) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(algorithm)
            if hasNull { try coder.serialize(ASN1Null()) }
        }
        return serializer.serializedBytes
    }

    /// The hash is as strong as the key (RFC 5758 §3.2).
    private static func scheme(for key: SubjectKey.Kind) -> Certificate.SignatureAlgorithm {
        switch key {
        case .p256: .ecdsaWithSHA256
        case .p384: .ecdsaWithSHA384
        case .p521: .ecdsaWithSHA512
        case .ed25519: .ed25519
        case .rsa, .other: .sha256WithRSAEncryption
        }
    }

    private static func identifier(_ scheme: Certificate.SignatureAlgorithm) throws -> [UInt8] {
        switch scheme {
        case .ecdsaWithSHA256: try identifier([1, 2, 840, 10045, 4, 3, 2], hasNull: false)
        case .ecdsaWithSHA384: try identifier([1, 2, 840, 10045, 4, 3, 3], hasNull: false)
        case .ecdsaWithSHA512: try identifier([1, 2, 840, 10045, 4, 3, 4], hasNull: false)
        case .ed25519: try identifier([1, 3, 101, 112], hasNull: false)
        default: try identifier([1, 2, 840, 113549, 1, 1, 11], hasNull: true)
        }
    }
}

extension DER.Serializer {
    /// RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050.
    mutating func serialize(_ moment: Timestamp) throws {
        let date = CalendarDate(moment)
        if (1950..<2050).contains(date.year) {
            try serialize(
                UTCTime(
                    year: date.year, month: date.month, day: date.day,
                    hours: date.hour, minutes: date.minute, seconds: date.second))
        } else {
            try serialize(
                GeneralizedTime(
                    year: date.year, month: date.month, day: date.day,
                    hours: date.hour, minutes: date.minute, seconds: date.second, fractionalSeconds: 0))
        }
    }
}
