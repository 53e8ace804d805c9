/// The certificates that a client sent in its handshake, in its order, nothing about them checked.
public struct PresentedChain: Hashable, Sendable {
    /// The most certificates that a chain may have; what stands beyond is not looked at, and the chain is refused.
    public static let maximumCount = 5
    /// The most octets that a certificate may have.
    public static let maximumCertificateSize = 16_384

    /// The DER of the first `maximumCount`, the client's own first. Those beyond are not kept: who connects chooses their
    /// number.
    public let der: [[UInt8]]
    /// How many the client sent.
    public let count: Int
    /// How many octets they have together.
    public let octets: Int
    /// Over the whole chain. What was found out about a chain may be kept by it.
    public let fingerprint: ChainFingerprint

    /// Any octets are accepted: what is wrong with them is for `Examination` to say. None at all is "no certificate".
    public init(der: [[UInt8]]) {
        self.der = Array(der.prefix(Self.maximumCount))
        count = der.count
        self.octets = der.reduce(0) { $0 + $1.count }
        var octets: [UInt8] = []
        octets.reserveCapacity(self.octets + 8 * der.count)
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

    /// Whether a file looks like PEM, and not like DER or anything else.
    public static func isPEM(_ octets: [UInt8]) -> Bool {
        octets.split(separator: .lineFeed, maxSplits: 64, omittingEmptySubsequences: false)
            .contains { $0.starts(with: "-----BEGIN ".utf8) }
    }

    public var isEmpty: Bool { der.isEmpty }
}
