package import PosternCertificates

/// A certificate that a test made, with its key.
package struct TestCertificate: Sendable {
    package let der: [UInt8]
    package let key: SigningKey
    /// The content octets of its serial number.
    package let serial: [UInt8]

    package var issued: IssuedCertificate { IssuedCertificate(der: der, key: key) }
    package var pem: [UInt8] { Array(issued.certificatePEM.utf8) }
    package var keyFingerprint: KeyFingerprint {
        get throws { try key.fingerprint }
    }

    /// What a client sends that has this certificate and these to go with it.
    package func chain(_ intermediates: TestCertificate...) -> PresentedChain {
        PresentedChain(der: [der] + intermediates.map(\.der))
    }
}
