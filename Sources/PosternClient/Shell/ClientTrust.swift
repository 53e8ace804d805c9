import NIOSSL

/// The authorities whose server certificates are believed.
public struct ClientTrust: Sendable {
    let roots: NIOSSLTrustRoots

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
    func context(trust: ClientTrust) throws -> NIOSSLContext? {
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
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Errors of TLS in words that an operator can act on.
enum ClientTLSFailure {
    static func words(_ error: any Error) -> String {
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
