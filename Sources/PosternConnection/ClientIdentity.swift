package import NIOSSL

/// The certificate that a client shows, with its key.
public struct ClientIdentity: Sendable {
    package let chain: [NIOSSLCertificate]
    package let key: NIOSSLPrivateKey

    /// - Parameters:
    ///   - certificate: PEM, the client's own first, its intermediates after it.
    ///   - key: PEM.
    ///   - passphrase: of the key; nil if it has none.
    /// - Throws: if one of them cannot be read.
    public init(certificate: [UInt8], key: [UInt8], passphrase: [UInt8]? = nil) throws {
        // The library ends the process over other octets.
        guard passphrase?.allSatisfy({ (1...127).contains($0) }) ?? true else { throw PassphraseFault.notASCII }
        chain = try NIOSSLCertificate.fromPEMBytes(certificate)
        // Without an answer to its question the library may ask at the terminal.
        self.key = try NIOSSLPrivateKey(bytes: key, format: .pem) { answer in answer(passphrase ?? []) }
    }

    /// - Parameters:
    ///   - pkcs12: certificate, key and intermediates in one (RFC 7292), in DER.
    ///   - passphrase: nil if it has none.
    /// - Throws: `PKCS12Fault`, or what the library says.
    public init(pkcs12: [UInt8], passphrase: [UInt8]?) throws {
        guard passphrase?.contains(0) != true else { throw PassphraseFault.hasNUL }
        try PKCS12Contents.check(pkcs12)
        let bundle = try NIOSSLPKCS12Bundle(buffer: pkcs12, passphrase: passphrase ?? [])
        chain = bundle.certificateChain
        key = bundle.privateKey
    }

    /// The certificates in DER, the client's own first.
    package var der: [[UInt8]] { chain.compactMap { try? $0.toDERBytes() } }

    /// - Throws: if the key is not the certificate's.
    package func validate() throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw KeyMismatch()
        }
    }
}

/// Both can be read, and do not belong together.
package struct KeyMismatch: Error, CustomStringConvertible {
    package var description: String { "the key is not the certificate's" }
}

/// A pass phrase holds what it must not.
package enum PassphraseFault: Error, Hashable, Sendable, CustomStringConvertible {
    case notASCII
    case hasNUL

    package var description: String {
        switch self {
        case .notASCII: "the pass phrase of a key in PEM can hold ASCII characters alone here: convert the key"
        case .hasNUL: "the pass phrase holds a NUL"
        }
    }
}
