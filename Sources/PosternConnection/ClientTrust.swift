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
    /// - Returns: nil where no TLS is ever spoken.
    public func context(trust: ClientTrust, identity: ClientIdentity?) throws -> NIOSSLContext? {
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

/// Errors of TLS in words that an operator can act on.
public enum ClientTLSFailure {
    public static func words(_ error: any Error) -> String {
        let text = "\(error)"
        // The library names its errors by what BoringSSL printed.
        let causes = [
            ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not of a trusted authority, or not valid now"),
            ("failedToValidateHostname", "the server's certificate is for another name"),
            ("WRONG_VERSION_NUMBER", "what came is no TLS; does the server expect STARTTLS here?"),
            ("UNSUPPORTED_PROTOCOL", "the server speaks no TLS 1.2 or later"),
        ]
        return causes.first { text.contains($0.0) }?.1 ?? text
    }
}
