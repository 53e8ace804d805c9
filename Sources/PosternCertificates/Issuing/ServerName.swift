import PosternMail
import SwiftASN1
import X509

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A name that a server's certificate is for.
enum ServerName {
    case domain(Domain)
    /// Four octets or sixteen, in network order.
    case address([UInt8])

    init(_ text: String) throws(IssuingError) {
        if let octets = Self.octets(text, AF_INET, count: 4) ?? Self.octets(text, AF_INET6, count: 16) {
            self = .address(octets)
        } else if let domain = Domain(text) {
            self = .domain(domain)
        } else {
            throw .invalidServerName(text)
        }
    }

    /// RFC 5280 §4.2.1.6.
    var generalName: GeneralName {
        switch self {
        case .domain(let domain): .dnsName(domain.folded)
        case .address(let octets): .ipAddress(ASN1OctetString(contentBytes: octets[...]))
        }
    }

    private static func octets(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &octets) == 1 ? octets : nil
    }
}
