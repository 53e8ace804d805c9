import NIOCore
import NIOSSL
import PosternCertificates
import PosternIdentity

/// The server's certificate and key, parsed once, and how TLS is spoken with them.
public struct ServerTLS: Sendable {
    public enum LoadingError: Error, CustomStringConvertible {
        case certificate(String)
        case key(String)
        case mismatch

        public var description: String {
            switch self {
            case .certificate(let reason): "no PEM certificate that TLS can use: \(reason)"
            case .key(let reason): "no PEM private key that TLS can use: \(reason)"
            case .mismatch: "the private key is not the certificate's; give the two files of one pair"
            }
        }
    }

    private let configuration: TLSConfiguration

    /// - Parameters:
    ///   - certificate: PEM, the server's own certificate first, its intermediates after it.
    ///   - key: PEM, without a passphrase.
    public init(certificate: [UInt8], key: [UInt8]) throws(LoadingError) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(certificate)
        } catch {
            throw .certificate("\(error)")
        }
        guard !chain.isEmpty else { throw .certificate("the file holds none") }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem)
        } catch {
            throw .key("\(error)")
        }
        configuration = Self.configuration(chain, privateKey)
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .mismatch
        }
    }

    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // RFC 9325 §4.2: forward secrecy and authenticated encryption. The suites of TLS 1.3 are all so.
        configuration.cipherSuites = [
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        ].joined(separator: ":")
        configuration.renegotiationSupport = .none
        return configuration
    }

    /// What TLS says of the kinds of client keys that are taken. The library's own list lacks Ed25519 and P-521, and a
    /// client that finds its key's kind missing sends no certificate at all.
    private static let clientSignatures: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .ed25519, .rsaPssRsaeSha256,
        .rsaPssRsaeSha384, .rsaPssRsaeSha512, .rsaPkcs1Sha256, .rsaPkcs1Sha384, .rsaPkcs1Sha512,
    ]

    /// How a listener asks for certificates.
    struct CertificateRequest: Sendable {
        let authorities: [NIOSSLCertificate]

        /// - Parameter trust: whose anchors' names are sent (RFC 8446 §4.2.4); none in pin-only mode.
        init(_ trust: Trust) {
            authorities = trust.authorities.flatMap(\.anchorsDER).compactMap {
                try? NIOSSLCertificate(bytes: $0, format: .der)
            }
        }
    }

    /// A context for one connection.
    ///
    /// Where certificates are asked for each connection must have its own: its ticket keys go with it, so no session is
    /// ever resumed, and a certificate counts only where it was verified in this very handshake. A resumed session would
    /// show the certificate of the first one, expired or revoked meanwhile, without anyone being asked.
    func context(asking request: CertificateRequest?) throws -> NIOSSLContext {
        var configuration = self.configuration
        if let request {
            configuration.certificateVerification = .optionalVerification
            configuration.verifySignatureAlgorithms = Self.clientSignatures
            configuration.trustRoots = .certificates(request.authorities)
            configuration.sendCANameList = !request.authorities.isEmpty
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

extension PosternIdentity.TLSVersion {
    init(_ version: NIOSSL.TLSVersion?) {
        self = version == .tlsv13 ? .v13 : .v12
    }
}
