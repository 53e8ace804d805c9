/// The certificates that a client sent in its handshake, in its order, nothing about them checked.
public struct PresentedChain: Hashable, Sendable {
    /// The most certificates that a chain may have; what stands beyond is not looked at, and the chain is refused.
    public static let maximumCount = 5
    /// The most octets that a certificate may have.
    public static let maximumCertificateSize = 16_384

    /// The DER of each, the client's own first.
    public let der: [[UInt8]]
    /// Over the whole chain. What was found out about a chain may be kept by it.
    public let fingerprint: ChainFingerprint

    /// Any octets are accepted: what is wrong with them is for `Examination` to say. None at all is "no certificate".
    public init(der: [[UInt8]]) {
        self.der = der
        var octets: [UInt8] = []
        octets.reserveCapacity(der.reduce(0) { $0 + $1.count + 8 })
        for certificate in der {
            // Lengths go in, so that no two chains share their octets.
            withUnsafeBytes(of: UInt64(certificate.count).bigEndian) { octets.append(contentsOf: $0) }
            octets.append(contentsOf: certificate)
        }
        fingerprint = ChainFingerprint(of: octets)
    }

    /// Reads a file of certificates in PEM, the client's own first.
    public init(pem: [UInt8]) throws(PEMError) {
        self.init(der: try PEMBlock.read(pem).filter { $0.label == PEMBlock.certificateLabel }.map(\.der))
    }

    public var isEmpty: Bool { der.isEmpty }
}
