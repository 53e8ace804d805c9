import NIOSSL
import PosternCertificates
import PosternConnection

/// That a server has shown to be the one that was asked for, by its name or by its very certificate. The person's certificate
/// is shown for such a value alone.
///
/// NIOSSL looks at the name when the handshake is over, after the client's certificate went out (RFC 8314 §5.5 wants it
/// before). The chain BoringSSL has checked by the time it asks for a certificate.
struct VerifiedServer: Sendable {
    /// Nothing was verified: the person has said that it is the one (`--insecure`).
    static let onThePersonsWord = VerifiedServer()

    private init() {}

    init?(of certificate: NIOSSLCertificate, isFor host: String) {
        guard VerifiedServerName(host, in: certificate) != nil else { return nil }
    }

    init?(of certificate: NIOSSLCertificate, being fingerprint: CertificateFingerprint) {
        guard let octets = try? certificate.toDERBytes() else { return nil }
        let chain = PresentedChain(der: [octets])
        let facts = Examination(of: chain, against: Trust(authorities: [])).facts
        guard facts?.certificateFingerprint == fingerprint else { return nil }
    }
}
