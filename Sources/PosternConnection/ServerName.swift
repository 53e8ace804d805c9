import NIOCore
public import NIOSSL

/// That the name of a server stands in its certificate. A client's own certificate is shown for such a value alone.
///
/// NIOSSL looks at the name when the handshake is over, after the client's certificate went out (RFC 8314 §5.5 wants it
/// before). The chain BoringSSL has checked by the time it asks for a certificate.
public struct VerifiedServerName: Sendable {
    public init?(_ host: String, in certificate: NIOSSLCertificate) {
        guard Self.names(certificate).contains(where: { $0.matches(host) }) else { return nil }
    }

    /// Those that a certificate holds, as a person reads them.
    public static func list(_ certificate: NIOSSLCertificate) -> [String] {
        names(certificate).map { name in
            switch name {
            // Whatever a stranger's certificate holds, it goes to a terminal or a log.
            case .domain(let pattern): String(pattern.map { $0.isASCII && $0 > " " && $0 <= "~" ? $0 : "?" })
            case .address(let octets):
                (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: octets), port: 0))?.ipAddress ?? "?"
            }
        }
    }

    /// NIOSSL underlines its reader of them, but has it public; another one would be a parser of ASN.1 of our own.
    private static func names(_ certificate: NIOSSLCertificate) -> [Name] {
        certificate._subjectAlternativeNames().compactMap { name in
            let octets = name.contents.withUnsafeBufferPointer { Array($0) }
            return switch name.nameType {
            case .dnsName: .domain(String(decoding: octets, as: UTF8.self))
            case .ipAddress: .address(octets)
            default: nil
            }
        }
    }

    /// A subject alternative name.
    enum Name: Hashable, Sendable {
        case domain(String)
        case address([UInt8])

        func matches(_ host: String) -> Bool {
            switch self {
            case .domain(let pattern): Self.matches(pattern: pattern, host)
            case .address(let octets): Self.address(of: host) == octets
            }
        }

        /// RFC 6125 §6.4.3: a star stands for the whole first label, and for nothing else.
        private static func matches(pattern: String, _ host: String) -> Bool {
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
}
