public import PosternMail

/// What a certificate says, in values that are safe to print and to compare. That it says so proves nothing by itself:
/// see `CertificateState`.
public struct CertificateFacts: Hashable, Sendable {
    /// The subject, most specific part first, everything that does not show as itself escaped.
    public let subject: String
    /// The issuer, likewise.
    public let issuer: String
    /// The serial number in hexadecimal.
    public let serial: String
    /// The first moment at which it is good.
    public let notBefore: Timestamp
    /// The last moment at which it is good.
    public let notAfter: Timestamp
    public let keyFingerprint: KeyFingerprint
    public let certificateFingerprint: CertificateFingerprint
    /// The kind of key: `P-256`, `RSA 2048 bits`.
    public let key: String
    /// The rfc822Names of subjectAltName that are mailboxes, none twice. All others give no identity: see `notes`.
    public let mailboxes: [Mailbox]
    /// The most specific common name of the subject, if every character of it shows.
    public let commonName: String?
    /// How many names of any form subjectAltName has.
    public let alternativeNameCount: Int
    /// What stands in the certificate and gives no identity, each as a sentence for people.
    public let notes: [String]

    init(_ certificate: ParsedCertificate) {
        let names = certificate.extensions.alternativeNames.value
        subject = certificate.subject.text
        issuer = certificate.issuer.text
        serial = certificate.serial.hexadecimal
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        keyFingerprint = KeyFingerprint(of: certificate.key.der)
        certificateFingerprint = certificate.fingerprint
        key = certificate.key.kind.description
        mailboxes = names?.mailboxes ?? []
        commonName = certificate.subject.commonName
        alternativeNameCount = names?.count ?? 0
        notes = names?.notes ?? []
    }
}
