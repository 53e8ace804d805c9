public import PosternMail
import SwiftASN1
package import X509

/// A certificate and its private key, in the forms in which files hold them.
public struct IssuedCertificate: Sendable {
    public let der: [UInt8]
    public let key: SigningKey

    package init(der: [UInt8], key: SigningKey) {
        self.der = der
        self.key = key
    }

    public var certificatePEM: String { PEMBlock.write(label: PEMBlock.certificateLabel, der: der) }
    /// For a file of mode 0600.
    public var keyPEM: String {
        get throws(IssuingError) { try key.pem }
    }
}

/// A small authority for people who have none: it issues certificates to their devices and to their server.
public struct IssuingAuthority: Sendable {
    /// Ten years: longer than a device, shorter than a mail server's address.
    public static let defaultLifetime = Duration.seconds(3_652 * 86_400)
    /// 825 days, the most that Apple's systems accept of a certificate.
    public static let defaultCertificateLifetime = Duration.seconds(825 * 86_400)

    /// Its own certificate, with its key.
    public let certificate: IssuedCertificate
    package let subject: DistinguishedName
    private let notAfter: Timestamp

    /// Makes a new one, self-signed, which issues to leaves alone (pathLen 0).
    ///
    /// - Parameters:
    ///   - name: its common name, which people see in their mail program.
    ///   - notBefore: from when it is good; nothing here reads a clock.
    public init(
        named name: String, notBefore: Timestamp, lifetime: Duration = defaultLifetime, key: SigningKey? = nil
    ) throws(IssuingError) {
        let key = if let key { key } else { try SigningKey.generate() }
        let notAfter = notBefore + lifetime
        self = try IssuingError.wrapping {
            let subject = try DistinguishedName([.init(type: .RDNAttributeType.commonName, utf8String: name)])
            let template = CertificateTemplate(
                serial: CertificateTemplate.randomSerial(), issuer: subject, subject: subject, notBefore: notBefore,
                notAfter: notAfter, publicKey: try key.publicKeyDER,
                extensions: [
                    try .init(BasicConstraints.isCertificateAuthority(maxPathLength: 0), critical: true),
                    try .init(KeyUsage(keyCertSign: true, cRLSign: true), critical: true),
                    try .init(SubjectKeyIdentifier(hash: key.key.publicKey), critical: false),
                ])
            let der = try template.signed(by: Signer(key))
            return Self(certificate: IssuedCertificate(der: der, key: key), subject: subject, notAfter: notAfter)
        }
    }

    /// Takes up one that exists.
    public init(certificatePEM: [UInt8], keyPEM: [UInt8]) throws(IssuingError) {
        let key = try SigningKey(pem: keyPEM)
        let blocks: [PEMBlock]
        do { blocks = try PEMBlock.read(certificatePEM) } catch { throw .notPEM(error) }
        guard let block = blocks.first(where: { $0.label == PEMBlock.certificateLabel }) else {
            throw .noBlock(wanted: PEMBlock.certificateLabel, found: blocks.map(\.label))
        }
        let parsed: ParsedCertificate
        let subject: DistinguishedName
        do {
            parsed = try ParsedCertificate(der: block.der)
            subject = try DistinguishedName(derEncoded: DER.parse(parsed.subject.der))
        } catch {
            throw .unusableCertificate(reason: (error as? Malformation)?.text ?? "not DER")
        }
        guard parsed.isAuthority else { throw .notAuthority(subject: parsed.subject.text) }
        guard try parsed.key.der.elementsEqual(key.publicKeyDER) else {
            throw .keyMismatch(certificate: parsed.subject.text)
        }
        self.init(
            certificate: IssuedCertificate(der: block.der, key: key), subject: subject, notAfter: parsed.notAfter)
    }

    private init(certificate: IssuedCertificate, subject: DistinguishedName, notAfter: Timestamp) {
        self.certificate = certificate
        self.subject = subject
        self.notAfter = notAfter
    }

    /// A certificate with which the owner of a mailbox authenticates as a TLS client. It never outlives its authority.
    public func issueClient(
        for mailbox: Mailbox, notBefore: Timestamp, lifetime: Duration = defaultCertificateLifetime,
        key: SigningKey? = nil
    ) throws(IssuingError) -> IssuedCertificate {
        try issue(
            commonName: mailbox.description, names: [.rfc822Name(mailbox.description)], usage: .clientAuth, notBefore,
            lifetime, key)
    }

    /// A certificate for a mail server.
    ///
    /// - Parameter names: domains and IP addresses, at least one.
    public func issueServer(
        for names: [String], notBefore: Timestamp, lifetime: Duration = defaultCertificateLifetime,
        key: SigningKey? = nil
    ) throws(IssuingError) -> IssuedCertificate {
        guard let first = names.first else { throw .noServerName }
        var generalNames: [GeneralName] = []
        for name in names { generalNames.append(try ServerName(name).generalName) }
        return try issue(
            commonName: first, names: generalNames, usage: .serverAuth, notBefore, lifetime, key)
    }

    /// A revocation list in PEM, of all that this authority has revoked.
    ///
    /// - Parameters:
    ///   - serials: in hexadecimal, as `CertificateFacts.serial` gives them.
    ///   - nextUpdate: from then on the list is stale.
    public func revocationList(
        revoking serials: [String], thisUpdate: Timestamp, nextUpdate: Timestamp
    ) throws(IssuingError) -> String {
        var entries: [RevocationListTemplate.Entry] = []
        for serial in serials {
            guard let number = SerialNumber(hexadecimal: serial) else { throw .invalidSerial(serial) }
            entries.append(.init(serial: number.octets))
        }
        let der = try IssuingError.wrapping {
            try revocationListTemplate(entries, thisUpdate: thisUpdate, nextUpdate: nextUpdate)
                .signed(by: Signer(certificate.key))
        }
        return PEMBlock.write(label: PEMBlock.revocationListLabel, der: der)
    }

    package func revocationListTemplate(
        _ entries: [RevocationListTemplate.Entry], thisUpdate: Timestamp, nextUpdate: Timestamp?
    ) throws -> RevocationListTemplate {
        // RFC 5280 §5.2: both extensions belong to every list; the number grows with time.
        var number = DER.Serializer()
        try number.serialize(thisUpdate.seconds)
        return RevocationListTemplate(
            issuer: subject, thisUpdate: thisUpdate, nextUpdate: nextUpdate, entries: entries,
            extensions: [
                try authorityKeyIdentifier,
                .init(oid: [2, 5, 29, 20], critical: false, value: number.serializedBytes[...]),
            ])
    }

    private func issue(
        commonName: String, names: [GeneralName], usage: ExtendedKeyUsage.Usage, _ notBefore: Timestamp,
        _ lifetime: Duration, _ key: SigningKey?
    ) throws(IssuingError) -> IssuedCertificate {
        let key = if let key { key } else { try SigningKey.generate() }
        return try IssuingError.wrapping {
            // RFC 5280 A.1 ub-common-name: 64 characters.
            let commonName = String(commonName.prefix(64))
            let template = CertificateTemplate(
                serial: CertificateTemplate.randomSerial(), issuer: subject,
                subject: try DistinguishedName([.init(type: .RDNAttributeType.commonName, utf8String: commonName)]),
                notBefore: notBefore, notAfter: min(notBefore + lifetime, notAfter), publicKey: try key.publicKeyDER,
                extensions: [
                    try .init(BasicConstraints.notCertificateAuthority, critical: true),
                    try .init(KeyUsage(digitalSignature: true), critical: true),
                    try .init(ExtendedKeyUsage([usage]), critical: false),
                    try .init(SubjectAlternativeNames(names), critical: false),
                    try .init(SubjectKeyIdentifier(hash: key.key.publicKey), critical: false),
                    try authorityKeyIdentifier,
                ])
            return IssuedCertificate(der: try template.signed(by: Signer(certificate.key)), key: key)
        }
    }

    private var authorityKeyIdentifier: Certificate.Extension {
        get throws {
            let identifier = SubjectKeyIdentifier(hash: certificate.key.key.publicKey).keyIdentifier
            return try .init(AuthorityKeyIdentifier(keyIdentifier: identifier), critical: false)
        }
    }
}
