import NIOSSL
import PosternCertificates
import Synchronization

/// Where a connection's TLS context comes from: parsed certificates are kept as long as their generation is in force.
final class TLSContexts: Sendable {
    private struct Kept {
        let generation: ObjectIdentifier
        let owner: Generation
        let request: ServerTLS.CertificateRequest
        /// For listeners that ask for no certificate: nothing is at stake in a resumed session there.
        var shared: NIOSSLContext?
    }

    private let kept = Mutex<Kept?>(nil)

    /// - Parameter asking: whether the client is asked for a certificate; the context is then for one connection alone.
    func context(asking: Bool, in generation: Generation) throws -> NIOSSLContext {
        let request = kept.withLock { kept in
            if let current = kept, current.generation == ObjectIdentifier(generation) { return current.request }
            let request = ServerTLS.CertificateRequest(generation.snapshot.trust)
            kept = Kept(generation: ObjectIdentifier(generation), owner: generation, request: request, shared: nil)
            return request
        }
        guard !asking else { return try generation.tls.context(asking: request) }
        if let shared = kept.withLock({ $0?.generation == ObjectIdentifier(generation) ? $0?.shared : nil }) {
            return shared
        }
        let fresh = try generation.tls.context(asking: nil)
        kept.withLock { if $0?.generation == ObjectIdentifier(generation) { $0?.shared = fresh } }
        return fresh
    }
}
