public import PosternMail
import X509

extension IssuedCertificate {
    /// A client's certificate for which nobody vouches but itself, and that speaks for no mailbox: to see what a server
    /// does with strangers.
    public static func selfSignedClient(
        named name: String, notBefore: Timestamp, lifetime: Duration
    ) throws(IssuingError) -> IssuedCertificate {
        let key = try SigningKey.generate()
        return try IssuingError.wrapping {
            let subject = try DistinguishedName([.init(type: .RDNAttributeType.commonName, utf8String: name)])
            let template = CertificateTemplate(
                serial: CertificateTemplate.randomSerial(), issuer: subject, subject: subject, notBefore: notBefore,
                notAfter: notBefore + lifetime, publicKey: try key.publicKeyDER,
                extensions: [
                    try .init(BasicConstraints.notCertificateAuthority, critical: true),
                    try .init(KeyUsage(digitalSignature: true), critical: true),
                    try .init(ExtendedKeyUsage([.clientAuth]), critical: false),
                    try .init(SubjectKeyIdentifier(hash: key.key.publicKey), critical: false),
                ])
            return IssuedCertificate(der: try template.signed(by: Signer(key)), key: key)
        }
    }
}
