public import NIOSSL

/// The authorities whose server certificates are believed.
public struct ClientTrust: Sendable {
    package let roots: NIOSSLTrustRoots

    /// Those of the system.
    public static let system = ClientTrust(roots: .default)

    private init(roots: NIOSSLTrustRoots) {
        self.roots = roots
    }

    /// - Parameter pem: the certificates of the authorities.
    public init(pem: [UInt8]) throws(ClientTrustFault) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else {
            throw .unreadableCertificate
        }
        roots = .certificates(certificates)
    }
}

/// Why authorities cannot be believed. Those of the system are no substitute: whoever names authorities wants no others.
public enum ClientTrustFault: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadableCertificate
    /// With its path and what the system says.
    case unreadableFile(String)

    public var description: String {
        switch self {
        case .unreadableCertificate: "there is no authority's certificate in PEM here, or one is damaged"
        case .unreadableFile(let reason): reason
        }
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

/// Why a certificate and its key cannot be used, in words that a person can act on.
public enum IdentityFault {
    public static func words(_ error: any Error) -> String {
        let text = "\(error)"
        // The library names its errors by what BoringSSL printed, and says nothing of what was not found at all.
        let causes = [
            ("BAD_DECRYPT", "the pass phrase is wrong, or missing"),
            ("INCORRECT_PASSWORD", "the pass phrase is wrong, or missing"),
            ("BAD_PASSWORD_READ", "the pass phrase is missing"),
            ("NO_START_LINE", "there is no certificate, or no key, in PEM"),
            ("failedToLoadCertificate", "there is no certificate in PEM, or a damaged one"),
            (
                "failedToLoadPrivateKey",
                "there is no key in PEM, or a damaged one, or its pass phrase is wrong or missing"
            ),
        ]
        return causes.first { text.contains($0.0) }?.1 ?? text
    }
}
