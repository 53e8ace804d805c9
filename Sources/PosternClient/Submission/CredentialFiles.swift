public import NIOSSL
public import PosternConnection
public import PosternSASL

// Certificates, keys and authorities from files, which are read now.

extension ClientTrust {
    /// - Parameter file: the certificates of the authorities, in PEM.
    public init(file path: String) async throws(ClientTrustFault) {
        let octets: [UInt8]
        do throws(ContentFault) {
            octets = try await ContentFile.octets(of: path)
        } catch {
            throw .unreadableFile(error.description)
        }
        try self.init(pem: octets)
    }
}

extension ClientCertificate {
    /// Files of PEM, which may be the same one.
    /// - Parameters:
    ///   - chainFile: the client's own certificate first, its intermediates after it.
    ///   - passphrase: ASCII, for a key that is encrypted.
    public static func pem(
        chainFile: String, keyFile: String, passphrase: Secret? = nil
    ) async throws(ClientCertificateFault) -> ClientCertificate {
        try pem(chain: await octets(of: chainFile), key: await octets(of: keyFile), passphrase: passphrase)
    }

    /// A file of PKCS#12 (`.p12`, `.pfx`).
    public static func pkcs12(
        file path: String, passphrase: Secret? = nil
    ) async throws(ClientCertificateFault) -> ClientCertificate {
        try pkcs12(await octets(of: path), passphrase: passphrase)
    }

    /// See ``custom(chain:key:)``.
    public static func custom(
        chainFile: String, key: some NIOSSLCustomPrivateKey & Hashable
    ) async throws(ClientCertificateFault) -> ClientCertificate {
        try custom(chain: await octets(of: chainFile), key: key)
    }

    /// See ``openedWhenAsked(chain:key:)``.
    public static func openedWhenAsked(
        chainFile: String, key: @escaping @Sendable () async throws -> ClientPrivateKey
    ) async throws(ClientCertificateFault) -> ClientCertificate {
        try openedWhenAsked(chain: await octets(of: chainFile), key: key)
    }

    private static func octets(of path: String) async throws(ClientCertificateFault) -> [UInt8] {
        do throws(ContentFault) {
            return try await ContentFile.octets(of: path)
        } catch {
            throw .unreadableFile(error.description)
        }
    }
}

extension ContentFile {
    /// So large that all authorities of a system find room.
    private static let limit = 16 << 20

    /// All of a small file.
    fileprivate static func octets(of path: String) async throws(ContentFault) -> [UInt8] {
        let file = ContentFile(path)
        var octets: [UInt8] = []
        while true {
            let piece = try await file.read()
            guard piece.readableBytes > 0 else { return octets }
            octets += piece.readableBytesView
            guard octets.count <= limit else { throw ContentFault("\(path): more than 16 MiB") }
        }
    }
}
