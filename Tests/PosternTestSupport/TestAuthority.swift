package import PosternCertificates
package import PosternMail
package import X509

/// An authority in memory that issues what tests need, the odd as well as the good: every field of a certificate can be
/// changed before it is signed.
package struct TestAuthority: Sendable {
    package let certificate: TestCertificate
    package let subject: DistinguishedName
    /// What it signs with; a test may put another algorithm in.
    package var signer: Signer

    /// A root: cA, keyCertSign and cRLSign, any number of intermediates.
    package init(
        _ name: String = "Test CA", key: SigningKey? = nil,
        adjust: (inout CertificateTemplate) throws -> Void = { _ in }
    ) throws {
        let key = if let key { key } else { try SigningKey.generate() }
        let subject = try DistinguishedName.test(name)
        try self.init(subject, key, issuer: subject, signer: Signer(key), adjust)
    }

    /// One below this.
    package func subordinate(
        _ name: String = "Test intermediate", key: SigningKey? = nil,
        adjust: (inout CertificateTemplate) throws -> Void = { _ in }
    ) throws -> TestAuthority {
        let key = if let key { key } else { try SigningKey.generate() }
        return try TestAuthority(.test(name), key, issuer: subject, signer: signer, adjust)
    }

    private init(
        _ subject: DistinguishedName, _ key: SigningKey, issuer: DistinguishedName, signer: Signer,
        _ adjust: (inout CertificateTemplate) throws -> Void
    ) throws {
        var template = CertificateTemplate(
            serial: CertificateTemplate.randomSerial(), issuer: issuer, subject: subject, notBefore: .testStart,
            notAfter: .testEnd, publicKey: try key.publicKeyDER,
            extensions: [
                try .init(BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true),
                try .init(KeyUsage(keyCertSign: true, cRLSign: true), critical: true),
            ])
        try adjust(&template)
        certificate = TestCertificate(der: try template.signed(by: signer), key: key, serial: template.serial)
        self.subject = template.subject
        self.signer = try Signer(key)
    }

    /// A client's certificate: digitalSignature, clientAuth, an rfc822Name for each of `mailboxes`.
    package func issue(
        mailboxes: [String] = [], commonName: String = "client", key: SigningKey? = nil,
        notBefore: Timestamp = .testStart, notAfter: Timestamp = .testEnd,
        adjust: (inout CertificateTemplate) throws -> Void = { _ in }
    ) throws -> TestCertificate {
        let key = if let key { key } else { try SigningKey.generate() }
        var template = CertificateTemplate(
            serial: CertificateTemplate.randomSerial(), issuer: subject, subject: try .test(commonName),
            notBefore: notBefore, notAfter: notAfter, publicKey: try key.publicKeyDER,
            extensions: [
                try .init(KeyUsage(digitalSignature: true), critical: true),
                try .init(ExtendedKeyUsage([.clientAuth]), critical: false),
            ])
        if !mailboxes.isEmpty { try template.setMailboxes(mailboxes) }
        try adjust(&template)
        return TestCertificate(der: try template.signed(by: signer), key: key, serial: template.serial)
    }

    /// The certificates of a configured authority: this and those given.
    package func file(_ intermediates: TestAuthority...) throws -> AuthorityFile {
        try AuthorityFile(pem: certificate.pem + intermediates.flatMap(\.certificate.pem))
    }

    /// This authority as the configuration has it.
    package func authority(
        id: Authority.ID? = nil, lists: [RevocationList] = [], revocation: RevocationMode = .hard
    ) throws -> Authority {
        Authority(id: id, file: try file(), lists: lists, revocation: revocation)
    }

    /// A trust in this authority, and in these keys.
    package func trust(
        id: Authority.ID? = nil, lists: [RevocationList] = [], revocation: RevocationMode = .hard,
        pinning keys: Set<KeyFingerprint> = []
    ) throws -> Trust {
        Trust(authorities: [try authority(id: id, lists: lists, revocation: revocation)], pinnedKeys: keys)
    }

    /// A revocation list in DER.
    package func revocationList(
        revoking revoked: [TestCertificate], thisUpdate: Timestamp = .testStart, nextUpdate: Timestamp? = .testEnd,
        adjust: (inout RevocationListTemplate) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        var template = RevocationListTemplate(
            issuer: subject, thisUpdate: thisUpdate, nextUpdate: nextUpdate,
            entries: revoked.map { .init(serial: $0.serial) }, extensions: [])
        try adjust(&template)
        return try template.signed(by: signer)
    }
}

extension DistinguishedName {
    /// One common name.
    package static func test(_ commonName: String) throws -> DistinguishedName {
        try DistinguishedName([.init(type: .RDNAttributeType.commonName, utf8String: commonName)])
    }
}
