import NIOCore

/// What counts as one client where connections are counted: an IPv4 address, or the first 64 bits of an IPv6 address,
/// since whoever has one of those has all of its /64 (RFC 4291 §2.5.4).
struct ClientNetwork: Hashable, Sendable {
    /// 4 octets or 8; none for a client without an address.
    private let prefix: [UInt8]

    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            prefix = withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
        case .v6(let address):
            prefix = withUnsafeBytes(of: address.address.sin6_addr) { octets in
                Array(octets.starts(with: Self.mappedIPv4) ? octets[12...] : octets[..<8])
            }
        case .unixDomainSocket, nil:
            prefix = []
        }
    }

    /// RFC 4291 §2.5.5.2: how an IPv4 client looks to a socket for both families.
    private static let mappedIPv4: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
}
