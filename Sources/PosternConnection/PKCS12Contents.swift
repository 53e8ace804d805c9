/// Why a file is no PKCS#12 that can be used.
package enum PKCS12Fault: Error, Hashable, Sendable, CustomStringConvertible {
    case notPKCS12
    case noKey
    case noCertificate

    package var description: String {
        switch self {
        case .notPKCS12: "it is neither PEM nor PKCS#12"
        case .noKey: "it is PKCS#12 without a key that can be found in it"
        case .noCertificate: "it is PKCS#12 without a certificate"
        }
    }
}

/// Looks into PKCS#12 (RFC 7292 §4) as far as it is not encrypted: whether there is a key, and may be a certificate. NIOSSL
/// 2.37.6 ends the process where one of them is missing, as it is from a store of authorities.
///
/// It goes by the names of the parts, wherever they stand: DER has their lengths in front of them, and the BER that Firefox and
/// Thunderbird write has not. A key has a part of its own that shows its name, with every program known to make such files.
package enum PKCS12Contents {
    package static func check(_ octets: [UInt8]) throws(PKCS12Fault) {
        guard octets.first == 0x30, contains(pkcs7 + [1], octets) else { throw .notPKCS12 }
        // keyBag and pkcs8ShroudedKeyBag.
        guard contains(bags + [1], octets) || contains(bags + [2], octets) else { throw .noKey }
        // certBag, or encryptedData (RFC 5652 §8), in which certificates mostly are.
        guard contains(bags + [3], octets) || contains(pkcs7 + [6], octets) else { throw .noCertificate }
    }

    /// pkcs-12PkcsBagIds (RFC 7292 Appendix D), without the last number.
    private static let bags: [UInt8] = [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x0A, 0x01]
    /// 1.2.840.113549.1.7, the kinds of contents (RFC 5652), without the last number.
    private static let pkcs7: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]

    private static func contains(_ pattern: [UInt8], _ octets: [UInt8]) -> Bool {
        guard octets.count >= pattern.count else { return false }
        return (0...(octets.count - pattern.count)).contains { octets[$0...].starts(with: pattern) }
    }
}
