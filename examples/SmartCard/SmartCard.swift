import Crypto
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import PosternClient
import Synchronization

// BEGIN card-key
/// A P-256 key that does not leave its card.
final class CardKey: NIOSSLCustomPrivateKey, Hashable {
    private let card: any Card

    init(on card: any Card) { self.card = card }

    let signatureAlgorithms: [SignatureAlgorithm] = [.ecdsaSecp256R1Sha256]
    var derBytes: [UInt8] { [] }

    /// Called on the connection's event loop, which must not wait for a card: a thread that may block does.
    func sign(channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        let digest = Array(SHA256.hash(data: Array(data.readableBytesView)))
        return NIOThreadPool.singleton.runIfActive(eventLoop: channel.eventLoop) { [card] in
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: card.sign(digest))
            return ByteBuffer(bytes: signature.derRepresentation)
        }
    }

    /// Only RSA without forward secrecy would ask for it.
    func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFailedFuture(CardError(call: "decrypt", code: 0))
    }

    static func == (left: CardKey, right: CardKey) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What signs a SHA-256 digest and gives r and s, 32 octets each. It may block.
protocol Card: Sendable {
    func sign(_ digest: [UInt8]) throws -> [UInt8]
}

struct CardError: Error {
    let call: String
    let code: UInt
}
// END

// BEGIN pin
/// The card is opened, and the PIN asked for, only when a server asks for the certificate, after its name was verified.
func certificate(
    _ chainFile: String, openCard: @escaping @Sendable (_ pin: String) throws -> any Card,
    askForPIN: @escaping @Sendable () async throws -> String
) async throws -> ClientCertificate {
    try await .openedWhenAsked(chainFile: chainFile) {
        let pin = try await askForPIN()
        let card = try await NIOThreadPool.singleton.runIfActive { try openCard(pin) }
        return .custom(CardKey(on: card))
    }
}
// END

// BEGIN pkcs11
/// A card behind a PKCS#11 module such as `/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so`. A sketch: it takes the first slot with
/// a card, and the first private key of an elliptic curve there.
final class PKCS11Card: Card {
    private let module: PKCS11Module
    /// Its session and its key. One thread at a time: a session has one signature under way.
    private let handles: Mutex<(session: UInt, key: UInt)>

    init(module path: String, pin: String) throws {
        module = try PKCS11Module(path)
        handles = Mutex(try module.open(pin: Array(pin.utf8)))
    }

    func sign(_ digest: [UInt8]) throws -> [UInt8] {
        try handles.withLock { handles in
            // CKM_ECDSA, which signs a digest as it is.
            try module.call("C_SignInit", PKCS11Module.Three.self) { $0(handles.session, [0x1041, 0, 0], handles.key) }
            var signature = [UInt8](repeating: 0, count: 64)
            var length = UInt(signature.count)
            try module.call("C_Sign", PKCS11Module.Signing.self) {
                $0(handles.session, digest, UInt(digest.count), &signature, &length)
            }
            return Array(signature.prefix(Int(length)))
        }
    }
}

/// The few calls of a module, by their names. Structures are written as the words of which they consist.
struct PKCS11Module: @unchecked Sendable {
    typealias Initializing = @convention(c) (UnsafeRawPointer?) -> UInt
    typealias Listing = @convention(c) (UInt8, UnsafeMutablePointer<UInt>, UnsafeMutablePointer<UInt>) -> UInt
    typealias Opening =
        @convention(c) (UInt, UInt, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutablePointer<UInt>) -> UInt
    typealias LoggingIn = @convention(c) (UInt, UInt, UnsafePointer<UInt8>, UInt) -> UInt
    typealias Ending = @convention(c) (UInt) -> UInt
    typealias Three = @convention(c) (UInt, UnsafePointer<UInt>, UInt) -> UInt
    typealias Finding = @convention(c) (UInt, UnsafeMutablePointer<UInt>, UInt, UnsafeMutablePointer<UInt>) -> UInt
    typealias Signing =
        @convention(c) (UInt, UnsafePointer<UInt8>, UInt, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt>) ->
        UInt

    /// Never closed: what it points to is the same for every thread.
    private let library: UnsafeMutableRawPointer

    init(_ path: String) throws {
        guard let library = dlopen(path, RTLD_NOW) else { throw CardError(call: "dlopen", code: 0) }
        self.library = library
    }

    func call<Function>(_ name: String, _ type: Function.Type, _ use: (Function) -> UInt) throws {
        guard let function = dlsym(library, name) else { throw CardError(call: name, code: 0) }
        let code = use(unsafeBitCast(function, to: type))
        // CKR_OK, or CKR_CRYPTOKI_ALREADY_INITIALIZED.
        guard code == 0 || code == 0x191 else { throw CardError(call: name, code: code) }
    }

    /// CKR_PIN_INCORRECT is 0xA0: count the tries, a card has three.
    func open(pin: [UInt8]) throws -> (session: UInt, key: UInt) {
        var (slots, count, session, key, found) = ([UInt](repeating: 0, count: 16), UInt(16), UInt(0), UInt(0), UInt(0))
        try call("C_Initialize", Initializing.self) { $0(nil) }
        try call("C_GetSlotList", Listing.self) { $0(1, &slots, &count) }
        guard count > 0 else { throw CardError(call: "C_GetSlotList", code: 0) }
        // CKF_SERIAL_SESSION, CKU_USER
        try call("C_OpenSession", Opening.self) { $0(slots[0], 4, nil, nil, &session) }
        try call("C_Login", LoggingIn.self) { $0(session, 1, pin, UInt(pin.count)) }
        // CKA_CLASS is CKO_PRIVATE_KEY, CKA_KEY_TYPE is CKK_EC.
        let values: [UInt] = [3, 3]
        try values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            let (kind, type) = (UInt(bitPattern: base), UInt(bitPattern: base + 1))
            try call("C_FindObjectsInit", Three.self) { $0(session, [0, kind, 8, 0x100, type, 8], 2) }
            try call("C_FindObjects", Finding.self) { $0(session, &key, 1, &found) }
            try call("C_FindObjectsFinal", Ending.self) { $0(session) }
        }
        guard found == 1 else { throw CardError(call: "C_FindObjects", code: 0) }
        return (session, key)
    }
}
// END
