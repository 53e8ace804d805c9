import NIOCore
import NIOSSL

/// A key outside of this process whose failures are told to the connection: BoringSSL says of them only that the handshake
/// has failed.
struct ToldKey<Key: NIOSSLCustomPrivateKey & Hashable>: NIOSSLCustomPrivateKey, Hashable {
    let key: Key

    var signatureAlgorithms: [SignatureAlgorithm] { key.signatureAlgorithms }
    var derBytes: [UInt8] { key.derBytes }

    func sign(channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        told(key.sign(channel: channel, algorithm: algorithm, data: data), channel)
    }

    func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        told(key.decrypt(channel: channel, data: data), channel)
    }

    private func told(_ answer: EventLoopFuture<ByteBuffer>, _ channel: any Channel) -> EventLoopFuture<ByteBuffer> {
        answer.hop(to: channel.eventLoop).flatMapErrorThrowing { error in
            channel.pipeline.fireUserInboundEventTriggered(KeyFault(words: "\(error)"))
            throw error
        }
    }
}

/// Sent through a channel whose handshake fails for want of a signature.
struct KeyFault: Sendable {
    let words: String
}
