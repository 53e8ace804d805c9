public import NIOSSL

/// The authorities whose server certificates are believed.
public struct ClientTrust: Sendable {
    package let roots: NIOSSLTrustRoots

    /// Those of the system.
    public static let system = ClientTrust(roots: .default)

    private init(roots: NIOSSLTrustRoots) {
        self.roots = roots
    }

    /// - Parameter pem: the certificates of the authorities. Nil if there is none in it, or one is damaged.
    public init?(pem: [UInt8]) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else { return nil }
        roots = .certificates(certificates)
    }
}

extension ClientTLS {
    /// - Parameter asked: called when the server asks for a certificate, in the place of an identity.
    /// - Returns: nil where no TLS is ever spoken.
    public func context(
        trust: ClientTrust, identity: ClientIdentity? = nil, asked: NIOSSLContextCallback? = nil
    ) throws -> NIOSSLContext? {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch self {
        case .none:
            return nil
        case .may:
            // RFC 7435: whatever the other side can do is better than clear text.
            configuration.certificateVerification = .none
        case .verify, .implicit:
            configuration.minimumTLSVersion = .tlsv12
            configuration.certificateVerification = .fullVerification
            configuration.trustRoots = trust.roots
        }
        if let identity {
            configuration.certificateChain = identity.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        configuration.sslContextCallback = asked
        return try NIOSSLContext(configuration: configuration)
    }
}

/// The certificate that a client shows, with its key.
public struct ClientIdentity: Sendable {
    package let chain: [NIOSSLCertificate]
    package let key: NIOSSLPrivateKey

    /// - Parameters:
    ///   - certificate: PEM, the client's own first, its intermediates after it.
    ///   - key: PEM, without a pass phrase.
    /// - Throws: if one of them cannot be read.
    public init(certificate: [UInt8], key: [UInt8]) throws {
        chain = try NIOSSLCertificate.fromPEMBytes(certificate)
        self.key = try NIOSSLPrivateKey(bytes: key, format: .pem)
    }
}
