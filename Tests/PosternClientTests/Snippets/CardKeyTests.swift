import Crypto
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import example_smart_card

/// docs/smart-cards.md: what the page's key says to TLS.
@Suite("Pages: a key on a card")
struct CardKeyTests {
    private struct SoftwareCard: Card {
        let key: P256.Signing.PrivateKey

        func sign(_ digest: [UInt8]) throws -> [UInt8] {
            // A card signs what it gets: here a digest that is not made anew.
            try Array(key.signature(for: Digest(octets: digest)).rawRepresentation)
        }
    }

    private struct Digest: Crypto.Digest {
        static let byteCount = 32
        let octets: [UInt8]

        var description: String { "" }
        func makeIterator() -> Array<UInt8>.Iterator { octets.makeIterator() }
        func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            try octets.withUnsafeBytes(body)
        }
    }

    @Test("It signs what TLS gives it, in the form that TLS wants")
    func signs() async throws {
        let key = P256.Signing.PrivateKey()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
            host: "127.0.0.1", port: 0
        ).get()
        let data = Array("what the handshake says".utf8)
        let signature = try await CardKey(on: SoftwareCard(key: key)).sign(
            channel: channel, algorithm: .ecdsaSecp256R1Sha256, data: ByteBuffer(bytes: data)
        ).get()
        try await channel.close()
        let read = try P256.Signing.ECDSASignature(derRepresentation: Array(signature.readableBytesView))
        #expect(key.publicKey.isValidSignature(read, for: data))
    }

    @Test("A module that is not there is an error")
    func noModule() {
        #expect(throws: CardError.self) { try PKCS11Card(module: "/nowhere.so", pin: "1234") }
    }
}
