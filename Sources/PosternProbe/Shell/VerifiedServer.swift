import NIOCore
import NIOSSL
import PosternCertificates
import X509

/// That a server has shown to be the one that was asked for, by its name or by its very certificate. The person's certificate is shown for such a value
/// alone.
///
/// NIOSSL looks at the name when the handshake is over, after the client's certificate went out (RFC 8314 §5.5 wants it
/// before). The chain BoringSSL has checked by the time it asks for a certificate.
struct VerifiedServer: Sendable {
    /// Nothing was verified: the person has said that it is the one (`--insecure`).
    static let onThePersonsWord = VerifiedServer()

    private init() {}

    init?(of certificate: NIOSSLCertificate, isFor host: String) {
        guard let octets = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: octets),
            Self.isFor(host, parsed)
        else { return nil }
    }

    init?(of certificate: NIOSSLCertificate, being fingerprint: CertificateFingerprint) {
        guard let octets = try? certificate.toDERBytes() else { return nil }
        let chain = PresentedChain(der: [octets])
        let facts = Examination(of: chain, against: Trust(authorities: [])).facts
        guard facts?.certificateFingerprint == fingerprint else { return nil }
    }

    /// Whether one of the names in it is that one.
    static func isFor(_ host: String, _ certificate: Certificate) -> Bool {
        guard let names = try? certificate.extensions.subjectAlternativeNames else { return false }
        return names.contains { matches($0, host) }
    }

    private static func matches(_ name: GeneralName, _ host: String) -> Bool {
        switch name {
        case .dnsName(let pattern): matches(pattern: pattern, host)
        case .ipAddress(let octets): address(of: host).map { $0.elementsEqual(octets.bytes) } ?? false
        default: false
        }
    }

    /// RFC 6125 §6.4.3: a star stands for the whole first label, and for nothing else.
    static func matches(pattern: String, _ host: String) -> Bool {
        let pattern = pattern.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        var host = host.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        if host.last?.isEmpty == true { host.removeLast() }
        guard pattern.count == host.count, pattern.first == "*", pattern.count > 2 else { return pattern == host }
        return pattern.dropFirst() == host.dropFirst()
    }

    private static func address(of host: String) -> [UInt8]? {
        guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return nil }
        return switch address {
        case .v4(let v4): withUnsafeBytes(of: v4.address.sin_addr) { Array($0) }
        case .v6(let v6): withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
        case .unixDomainSocket: nil
        }
    }
}
