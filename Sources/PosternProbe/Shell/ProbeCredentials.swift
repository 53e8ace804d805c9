import NIOCore
import NIOSSL
import PosternCertificates
public import PosternConnection
public import PosternMail

/// What a probe shows in TLS handshakes, and whom it believes.
public struct ProbeCredentials: Sendable {
    private let trust: ClientTrust
    /// The person's, that the server should trust.
    private let own: ClientIdentity?
    /// Made in memory for this run, and of no authority.
    private let throwAway: ClientIdentity

    public init(trust: ClientTrust, own: ClientIdentity?, at now: Timestamp) throws {
        self.trust = trust
        self.own = own
        let issued = try IssuedCertificate.selfSignedClient(
            named: "throw-away certificate of postern probe", notBefore: now + .seconds(-3_600),
            lifetime: .seconds(86_400))
        throwAway = try ClientIdentity(
            certificate: Array(issued.certificatePEM.utf8), key: Array(try issued.keyPEM.utf8))
    }

    /// - Parameter asked: called when the server asks for a certificate.
    func configuration(
        for step: ProbeStep,
        asked: @escaping @Sendable (EventLoopPromise<NIOSSLContextConfigurationOverride>) -> Void
    ) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if step == .olderTLS { configuration.maximumTLSVersion = .tlsv12 }
        configuration.certificateVerification = .fullVerification
        configuration.trustRoots = trust.roots
        configuration.sslContextCallback = { _, promise in asked(promise) }
        return configuration
    }

    /// - Parameter name: that of the server, if it was verified.
    /// - Returns: nil if the person's certificate is due, and the name was not verified.
    func offer(for step: ProbeStep, to name: VerifiedServerName?) -> NIOSSLContextConfigurationOverride? {
        switch step.certificate {
        case .none: return .noChanges
        case .throwAway: return throwAway.offer
        case .own:
            guard let own else { return .noChanges }
            return name.map { own.offer(to: $0) }
        }
    }
}

extension ClientIdentity {
    fileprivate func offer(to name: VerifiedServerName) -> NIOSSLContextConfigurationOverride { offer }

    fileprivate var offer: NIOSSLContextConfigurationOverride {
        var offer = NIOSSLContextConfigurationOverride()
        offer.certificateChain = chain.map { .certificate($0) }
        offer.privateKey = .privateKey(key)
        return offer
    }
}
