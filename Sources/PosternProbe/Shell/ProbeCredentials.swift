import NIOCore
import NIOSSL
public import PosternCertificates
public import PosternConnection
public import PosternMail

/// By what a server shows that it is the one that was asked for.
private enum ServerProof: Sendable {
    /// Its name, in a certificate of these authorities.
    case name(ClientTrust)
    case certificate(CertificateFingerprint)
    /// By nothing: the person has said that it is the one.
    case nothing
}

/// What a probe shows in TLS handshakes, and whom it believes.
public struct ProbeCredentials: Sendable {
    private let server: ServerProof
    /// The person's, that the server should trust.
    private let own: ClientIdentity?
    /// Made in memory for this run, and of no authority.
    private let throwAway: ClientIdentity

    public init(trust: ClientTrust, own: ClientIdentity?, at now: Timestamp) throws {
        try self.init(.name(trust), own, at: now)
    }

    /// For whoever answers: the person's certificate is shown unseen.
    public init(toAnybody own: ClientIdentity?, at now: Timestamp) throws { try self.init(.nothing, own, at: now) }

    /// For a server that is our own: it shows this certificate, or is not the one.
    public init(servedBy certificate: CertificateFingerprint, own: ClientIdentity?, at now: Timestamp) throws {
        try self.init(.certificate(certificate), own, at: now)
    }

    private init(_ server: ServerProof, _ own: ClientIdentity?, at now: Timestamp) throws {
        self.server = server
        // Of a certificate and a key that do not belong together it is known now, and not in the midst of a handshake.
        try own?.validate()
        self.own = own
        let issued = try IssuedCertificate.selfSignedClient(
            named: "throw-away certificate of postern probe", notBefore: now + .seconds(-3_600),
            lifetime: .seconds(86_400))
        throwAway = try ClientIdentity(
            certificate: Array(issued.certificatePEM.utf8), key: Array(try issued.keyPEM.utf8))
    }

    /// Whether it matters what name the server's certificate holds: our own listeners are asked by their addresses.
    var isNameAsked: Bool { if case .certificate = server { false } else { true } }

    /// - Parameter asked: called when the server asks for a certificate.
    func configuration(
        for step: ProbeStep,
        asked: @escaping @Sendable (EventLoopPromise<NIOSSLContextConfigurationOverride>) -> Void
    ) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = step == .obsoleteTLS ? .tlsv1 : .tlsv12
        switch step {
        case .olderTLS: configuration.maximumTLSVersion = .tlsv12
        case .obsoleteTLS: configuration.maximumTLSVersion = .tlsv11
        default: break
        }
        switch server {
        case .name(let trust):
            configuration.certificateVerification = .fullVerification
            configuration.trustRoots = trust.roots
        case .certificate: configuration.certificateVerification = .noHostnameVerification
        case .nothing: configuration.certificateVerification = .none
        }
        configuration.sslContextCallback = { _, promise in asked(promise) }
        return configuration
    }

    func handler(_ configuration: TLSConfiguration, serverName: String?) throws -> NIOSSLClientHandler {
        let context = try NIOSSLContext(configuration: configuration)
        guard case .certificate(let fingerprint) = server else {
            return try NIOSSLClientHandler(context: context, serverHostname: serverName)
        }
        return try NIOSSLClientHandler(context: context, serverHostname: serverName) { chain, promise in
            let isTheOne = chain.first.flatMap { VerifiedServer(of: $0, being: fingerprint) } != nil
            promise.succeed(isTheOne ? .certificateVerified : .failed)
        }
    }

    /// - Returns: nil where the server is not who it should be.
    func verify(_ certificate: NIOSSLCertificate, host: String) -> VerifiedServer? {
        switch server {
        case .name: VerifiedServer(of: certificate, isFor: host)
        case .certificate(let fingerprint): VerifiedServer(of: certificate, being: fingerprint)
        case .nothing: VerifiedServer.onThePersonsWord
        }
    }

    /// - Returns: nil if the person's certificate is due, and the server was not verified.
    func offer(for step: ProbeStep, to server: VerifiedServer?) -> NIOSSLContextConfigurationOverride? {
        switch step.certificate {
        case .none: return .noChanges
        case .throwAway: return throwAway.offer
        case .own:
            guard let own else { return .noChanges }
            return server.map { own.offer(to: $0) }
        }
    }
}

extension ClientIdentity {
    fileprivate func offer(to server: VerifiedServer) -> NIOSSLContextConfigurationOverride { offer }

    fileprivate var offer: NIOSSLContextConfigurationOverride {
        var offer = NIOSSLContextConfigurationOverride()
        offer.certificateChain = chain.map { .certificate($0) }
        offer.privateKey = .privateKey(key)
        return offer
    }
}
