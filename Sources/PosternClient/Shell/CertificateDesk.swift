import NIOCore
import NIOSSL
import PosternConnection
import Synchronization

/// Where one connection's TLS asks for a certificate, when the server has asked for it: neither is a PIN wanted nor an
/// identity shown before.
final class CertificateDesk: Sendable {
    typealias Answer = @Sendable (EventLoopPromise<NIOSSLContextConfigurationOverride>) -> Void

    /// Nil where none is to be shown.
    let certificate: ClientCertificate?
    /// The name that the server must have shown before.
    let host: String
    private let answer = Mutex<Answer?>(nil)

    init(_ certificate: ClientCertificate?, host: String) {
        self.certificate = certificate
        self.host = host
    }

    /// From now on this answers.
    func open(_ answer: @escaping Answer) {
        self.answer.withLock { $0 = answer }
    }

    func ask(_ promise: EventLoopPromise<NIOSSLContextConfigurationOverride>) {
        guard let answer = answer.withLock(\.self) else { return promise.succeed(.noChanges) }
        answer(promise)
    }
}

/// The handshake ends here; why, the connection's handler knows.
struct CertificateWithheld: Error {}
