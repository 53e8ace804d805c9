import Crypto
import NIOCore
import NIOSSL
import PosternConnection
import PosternSASL
import Testing

@testable import PosternClient

@Suite("Submission: certificates and keys", .timeLimit(.minutes(1)))
struct ClientCertificateTests {
    private func chain() throws -> [UInt8] { Array(try TestIdentities.shared.get().client.certificatePEM.utf8) }
    private func key() throws -> [UInt8] { Array(try TestIdentities.shared.get().client.keyPEM.utf8) }
    private func secret(_ text: String) throws -> Secret { try Secret(preparing: Array(text.utf8)) }

    /// Made with `openssl pkcs8 -topk8 -v2 aes-256-cbc`.
    private static let encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhcj+KJVc97hwICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHjpW5LGUyUJTiGBYlykqjoEgZDA
        cNmv2zv+PobuXaOS4E50ScEB1P6lGBSkrg/zZzrAI61tvCl/wS/8Sk/W+3ui/0xD
        p6tE5HoQMYosvVhghejGCfoJTJapIOvFUI7e/cWFmlVeb7g5LabfzucH7VnwQDOj
        mXez8HaKRGjehqxgdH4CIMhCBF3qP5OKCRz5tNRTGK9tfsSVoYmfqivDIxV7+vY=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    @Test("a key in PEM with its pass phrase, and nobody is asked on the terminal where there is none")
    func encryptedKey() throws {
        _ = try ClientPrivateKey.pem(Array(Self.encrypted.utf8), passphrase: secret("open sesame"))
        #expect(throws: ClientCertificateFault.unreadableKeyOrWrongPassphrase) {
            try ClientPrivateKey.pem(Array(Self.encrypted.utf8), passphrase: secret("open barley"))
        }
        #expect(throws: ClientCertificateFault.unreadableKey) {
            try ClientPrivateKey.pem(Array(Self.encrypted.utf8))
        }
        #expect(throws: ClientCertificateFault.passphraseNotASCII) {
            try ClientPrivateKey.pem(Array(Self.encrypted.utf8), passphrase: secret("Öffne dich"))
        }
    }

    @Test("damaged files, and a key of another certificate, are told at once")
    func damaged() throws {
        let chain = try chain()
        let key = try key()
        #expect(throws: ClientCertificateFault.unreadableCertificate) {
            try ClientCertificate.pem(chain: key, key: key)
        }
        #expect(throws: ClientCertificateFault.unreadableCertificate) { try ClientCertificate.pem(chain: [], key: key) }
        #expect(throws: ClientCertificateFault.unreadableKey) { try ClientCertificate.pem(chain: chain, key: chain) }
        #expect(throws: ClientCertificateFault.foreignKey) {
            try ClientCertificate.pem(
                chain: chain, key: Array(Self.encrypted.utf8), passphrase: secret("open sesame"))
        }
    }

    @Test("PKCS#12, which ends the process in the library where there is no key or no certificate in it")
    func pkcs12() throws {
        let certificates = try NIOSSLCertificate.fromPEMBytes(chain())
        let bundle = NIOSSLPKCS12Bundle(
            certificateChain: certificates, privateKey: try NIOSSLPrivateKey(bytes: key(), format: .pem))
        let octets = try bundle.serialize(passphrase: "wörtlich".utf8)
        let certificate = try ClientCertificate.pkcs12(octets, passphrase: secret("wörtlich"))
        let fromPEM = try ClientCertificate.pem(chain: chain(), key: key())
        #expect(certificate.publicKeyHash == fromPEM.publicKeyHash)
        #expect(certificate.publicKeyHash.count == 64)
        #expect(throws: ClientCertificateFault.unreadablePKCS12) {
            try ClientCertificate.pkcs12(octets, passphrase: secret("falsch"))
        }
        #expect(throws: ClientCertificateFault.incompletePKCS12) { try ClientCertificate.pkcs12([1, 2, 3]) }
        #expect(throws: ClientCertificateFault.incompletePKCS12) {
            try ClientCertificate.pkcs12(octets.filter { $0 != 0x86 }, passphrase: secret("wörtlich"))
        }
    }

    @Test("a key outside of this process signs when a server asks", arguments: [TLSVersion.tlsv12, .tlsv13])
    func customKey(version: TLSVersion) async throws {
        let server = try await SubmissionServer(ServerBehaviour(tls: version))
        let pem = String(decoding: try key(), as: UTF8.self)
        let card = SmartCard(key: try P256.Signing.PrivateKey(pemRepresentation: pem), signatures: Shared(0))
        var configuration = try SubmissionClientTests.configuration(server)
        configuration.certificate = try .custom(chain: chain(), key: card)
        let receipt = try await SubmissionClientTests.client(configuration).send(
            SubmissionClientTests.text, envelope: SubmissionClientTests.envelope("bob@example.net"))
        #expect(receipt.connection.authentication == .external(authorizationIdentity: nil))
        #expect(card.signatures.value == 1)
        let silent = try await SubmissionServer(ServerBehaviour(wish: .none, tls: version, mechanisms: ""))
        var other = try SubmissionClientTests.configuration(silent)
        other.certificate = configuration.certificate
        await #expect(throws: SubmissionError.self) { try await SubmissionClientTests.client(other).check() }
        #expect(card.signatures.value == 1)
        try await server.stop()
        try await silent.stop()
    }
}

extension ClientCertificateTests {
    private struct CardLocked: Error {}

    @Test(
        "a key outside of this process that does not sign is what failed, and not TLS",
        arguments: [TLSVersion.tlsv12, .tlsv13])
    func silentKey(version: TLSVersion) async throws {
        let server = try await SubmissionServer(ServerBehaviour(tls: version))
        let pem = String(decoding: try key(), as: UTF8.self)
        var card = SmartCard(key: try P256.Signing.PrivateKey(pemRepresentation: pem), signatures: Shared(0))
        card.fault = CardLocked()
        var configuration = try SubmissionClientTests.configuration(server)
        configuration.certificate = try .custom(chain: chain(), key: card)
        let client = SubmissionClientTests.client(configuration)
        let error = await #expect(throws: SubmissionError.self) { try await client.check() }
        #expect(error?.reason == .certificateUnusable && error?.phase == .handshake && error?.retry == .no)
        #expect(
            error?.detail.contains("the key of the client's certificate: CardLocked()") == true,
            "\(error?.detail ?? "")")
        try await server.stop()
    }
}

/// A card with a PIN that is typed elsewhere.
private struct SmartCard: NIOSSLCustomPrivateKey, Hashable {
    let key: P256.Signing.PrivateKey
    let signatures: Shared<Int>
    var fault: (any Error)?

    let signatureAlgorithms: [SignatureAlgorithm] = [.ecdsaSecp256R1Sha256]

    func sign(channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFutureWithTask { [self] in
            await Task.yield()
            signatures.change { $0 += 1 }
            if let fault { throw fault }
            return ByteBuffer(bytes: try key.signature(for: Array(data.readableBytesView)).derRepresentation)
        }
    }

    func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFailedFuture(CancellationError())
    }

    static func == (left: SmartCard, right: SmartCard) -> Bool { left.signatures === right.signatures }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(signatures)) }
}
