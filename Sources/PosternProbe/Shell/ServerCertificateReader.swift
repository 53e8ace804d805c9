import NIOCore
import NIOSSL
public import PosternConnection
import PosternMail
import SwiftASN1
import X509

extension ServerCertificate {
    /// - Parameter host: the name or address that was asked for; nil where the server is known by its certificate.
    /// - Returns: nil if it is no certificate that can be read.
    init?(_ certificate: NIOSSLCertificate, host: String?) {
        guard let octets = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: octets) else {
            return nil
        }
        let names = (try? parsed.extensions.subjectAlternativeNames).map { $0.compactMap(Self.text) } ?? []
        self.init(
            subject: parsed.subject.safeText, issuer: parsed.issuer.safeText, names: Array(names.prefix(64)),
            notBefore: Timestamp(seconds: Int64(parsed.notValidBefore.timeIntervalSince1970)),
            notAfter: Timestamp(seconds: Int64(parsed.notValidAfter.timeIntervalSince1970)),
            isForHost: host.map { VerifiedServerName($0, in: certificate) != nil } ?? true)
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let name): SafeText.escape(name)
        case .ipAddress(let octets): address(Array(octets.bytes))
        default: nil
        }
    }

    private static func address(_ octets: [UInt8]) -> String? {
        try? SocketAddress(packedIPAddress: ByteBuffer(bytes: octets), port: 0).ipAddress
    }
}

extension DistinguishedName {
    /// As it is compared and shown; what does not show as itself is escaped.
    var safeText: String { SafeText.escape("\(self)") }
}

extension OwnCertificate {
    /// - Parameter commonName: nil where it is the person's address itself.
    public init(_ identity: ClientIdentity, commonName: String?) {
        self.init(
            commonName: commonName,
            issuers: identity.der.compactMap { (try? Certificate(derEncoded: $0))?.issuer.safeText })
    }
}
