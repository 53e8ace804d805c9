#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The addresses that a listener takes, however they are written: of two that have one in common only one can listen on
/// a port.
enum ListenAddress: Equatable {
    /// None is written, or `::`, whose socket takes IPv4 as well.
    case all
    /// `0.0.0.0`
    case allIPv4
    case ipv4([UInt8])
    case ipv6([UInt8])
    /// Not an address; that is said elsewhere.
    case unknown

    init(_ text: String?) {
        guard let text else {
            self = .all
            return
        }
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &octets) == 1 {
            let address = Array(octets.prefix(4))
            self = address == [0, 0, 0, 0] ? .allIPv4 : .ipv4(address)
        } else if inet_pton(AF_INET6, text, &octets) == 1 {
            self = octets.allSatisfy { $0 == 0 } ? .all : .ipv6(octets)
        } else {
            self = .unknown
        }
    }

    func overlaps(_ other: ListenAddress) -> Bool {
        switch (self, other) {
        case (.unknown, _), (_, .unknown): false
        case (.all, _), (_, .all): true
        case (.allIPv4, .ipv4), (.ipv4, .allIPv4): true
        default: self == other
        }
    }
}
