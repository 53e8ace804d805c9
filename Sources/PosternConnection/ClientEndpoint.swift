import NIOCore

/// Where a next hop listens.
public enum ClientEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, without brackets, and a port.
    case host(String, port: Int)
    /// The path of a Unix socket.
    case socket(path: String)

    public var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .socket(let path): path
        }
    }

    /// By what a report names it: its domain, or its address in brackets (RFC 3464 §2.1.2); nil for a socket.
    public var reportedName: String? {
        guard case .host(let host, _) = self else { return nil }
        switch try? SocketAddress(ipAddress: host, port: 0) {
        case .v4: return "[\(host)]"
        case .v6: return "[IPv6:\(host)]"
        case .unixDomainSocket, nil: return host
        }
    }

    /// The name that the server's certificate must hold; nil where it must hold the address instead.
    public var serverName: String? {
        guard case .host(let host, _) = self, (try? SocketAddress(ipAddress: host, port: 0)) == nil else { return nil }
        return host
    }
}
