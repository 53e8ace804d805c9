import Crypto
public import NIOSSL
import PosternConnection
public import PosternSASL

/// A client's certificate with its chain, and its key or the way to it.
public struct ClientCertificate: Sendable {
    let chain: [NIOSSLCertificate]
    let key: ClientKey
    /// SHA-256 of the public key, in hexadecimal digits.
    public let publicKeyHash: String

    private init(chain: [NIOSSLCertificate], key: ClientKey) throws(ClientCertificateFault) {
        guard let leaf = chain.first, let publicKey = try? leaf.extractPublicKey().toSPKIBytes() else {
            throw .unreadableCertificate
        }
        self.chain = chain
        self.key = key
        publicKeyHash = SHA256.hash(data: publicKey).map { octet in
            (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }.joined()
    }

    /// - Parameters:
    ///   - chain: the client's own certificate first, its intermediates after it.
    ///   - passphrase: ASCII, for a key that is encrypted.
    public static func pem(
        chain: [UInt8], key: [UInt8], passphrase: Secret? = nil
    ) throws(ClientCertificateFault) -> ClientCertificate {
        let certificates = try Self.certificates(chain)
        let key = try ClientPrivateKey.pem(key, passphrase: passphrase)
        try check(key, certificates)
        return try ClientCertificate(chain: certificates, key: ClientKey(key))
    }

    /// A file of PKCS#12 (`.p12`, `.pfx`).
    public static func pkcs12(
        _ octets: [UInt8], passphrase: Secret? = nil
    ) throws(ClientCertificateFault) -> ClientCertificate {
        do throws(PKCS12Fault) { try PKCS12Contents.check(octets) } catch { throw .incompletePKCS12 }
        let bundle: NIOSSLPKCS12Bundle
        do {
            bundle = try NIOSSLPKCS12Bundle(buffer: octets, passphrase: passphrase?.withOctets { $0 } ?? [])
        } catch {
            throw .unreadablePKCS12
        }
        return try ClientCertificate(
            chain: bundle.certificateChain, key: ClientKey(ClientPrivateKey(bundle.privateKey)))
    }

    /// A key that is not in the memory of this process, such as a smart card's. Its signature may take as long as a person
    /// needs to type a PIN.
    public static func custom(
        chain: [UInt8], key: some NIOSSLCustomPrivateKey & Hashable
    ) throws(ClientCertificateFault) -> ClientCertificate {
        try ClientCertificate(chain: certificates(chain), key: ClientKey(.custom(key)))
    }

    /// A key that is opened only when a server asks for the certificate for the first time, such as one whose pass phrase
    /// somebody has to type.
    public static func openedWhenAsked(
        chain: [UInt8], key: @escaping @Sendable () async throws -> ClientPrivateKey
    ) throws(ClientCertificateFault) -> ClientCertificate {
        try ClientCertificate(chain: certificates(chain), key: ClientKey(opening: key))
    }

    /// What is handed to TLS.
    func offer(to server: VerifiedServerName) async throws -> NIOSSLContextConfigurationOverride {
        var offer = NIOSSLContextConfigurationOverride()
        offer.certificateChain = chain.map { .certificate($0) }
        offer.privateKey = .privateKey(try await key.opened().key)
        return offer
    }

    private static func certificates(_ pem: [UInt8]) throws(ClientCertificateFault) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else {
            throw .unreadableCertificate
        }
        return certificates
    }

    /// BoringSSL compares them when they come into one context.
    private static func check(
        _ key: ClientPrivateKey, _ chain: [NIOSSLCertificate]
    ) throws(ClientCertificateFault) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key.key)
        configuration.certificateVerification = .none
        do { _ = try NIOSSLContext(configuration: configuration) } catch { throw .foreignKey }
    }
}

/// The key of a certificate.
public struct ClientPrivateKey: Sendable {
    let key: NIOSSLPrivateKey

    init(_ key: NIOSSLPrivateKey) { self.key = key }

    /// - Parameter passphrase: ASCII, for a key that is encrypted.
    public static func pem(
        _ octets: [UInt8], passphrase: Secret? = nil
    ) throws(ClientCertificateFault) -> ClientPrivateKey {
        let passphrase = passphrase?.withOctets { $0 }
        // NIOSSL 2.37.6 ends the process where an octet is above 127.
        if let passphrase, !passphrase.allSatisfy({ $0 < 128 }) { throw .passphraseNotASCII }
        do {
            // Always with a callback: without one BoringSSL asks on the terminal.
            return ClientPrivateKey(
                try NIOSSLPrivateKey(bytes: octets, format: .pem) { set in
                    if let passphrase { set(passphrase) }
                })
        } catch {
            throw passphrase == nil ? .unreadableKey : .unreadableKeyOrWrongPassphrase
        }
    }

    public static func custom(_ key: some NIOSSLCustomPrivateKey & Hashable) -> ClientPrivateKey {
        ClientPrivateKey(NIOSSLPrivateKey(customPrivateKey: ToldKey(key: key)))
    }
}

/// A key that is there, or is opened once.
final actor ClientKey {
    private enum State {
        case opened(ClientPrivateKey)
        case closed(@Sendable () async throws -> ClientPrivateKey)
        case opening(Task<ClientPrivateKey, any Error>, @Sendable () async throws -> ClientPrivateKey)
    }

    private var state: State

    init(_ key: ClientPrivateKey) { state = .opened(key) }

    init(opening open: @escaping @Sendable () async throws -> ClientPrivateKey) { state = .closed(open) }

    /// Opens it where that is still to be done. Several who ask at the same time let it be asked for once.
    func opened() async throws -> ClientPrivateKey {
        let (task, open): (Task<ClientPrivateKey, any Error>, @Sendable () async throws -> ClientPrivateKey)
        switch state {
        case .opened(let key): return key
        case .opening(let running, let opener): (task, open) = (running, opener)
        case .closed(let opener):
            (task, open) = (Task { try await opener() }, opener)
            state = .opening(task, opener)
        }
        do {
            let key = try await task.value
            state = .opened(key)
            return key
        } catch {
            // A PIN that was mistyped may be typed again.
            if case .opening = state { state = .closed(open) }
            throw error
        }
    }
}

/// Why a certificate cannot be used.
public enum ClientCertificateFault: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadableCertificate
    case unreadableKey
    case unreadableKeyOrWrongPassphrase
    case passphraseNotASCII
    case foreignKey
    case unreadablePKCS12
    case incompletePKCS12
    /// With its path and what the system says.
    case unreadableFile(String)

    public var description: String {
        switch self {
        case .unreadableCertificate: "there is no certificate in PEM here, or one is damaged"
        case .unreadableKey: "there is no key in PEM here, or it is encrypted and wants a pass phrase"
        case .unreadableKeyOrWrongPassphrase: "the key cannot be read, or this is not its pass phrase"
        case .passphraseNotASCII: "the pass phrase of a key in PEM must be ASCII; PKCS#12 takes any"
        case .foreignKey: "the key is not that of the certificate"
        case .unreadablePKCS12: "the file is no PKCS#12, or this is not its pass phrase"
        case .incompletePKCS12: "the file is no PKCS#12 with a certificate and its key"
        case .unreadableFile(let reason): reason
        }
    }
}
