package import PosternIdentity
import PosternMail
package import PosternSubmission
import PosternTestSupport

/// Under which settings a dialogue takes place, and what the client brings along.
package struct Scenario: Sendable {
    package var listener: ListenerSettings
    package var limits = Limits.usual
    package var certificate = ClientCertificate.none
    package var tlsVersion = TLSVersion.v13
    package var identities = Identities()

    package init(
        _ policy: CertificatePolicy = .both, _ tls: TLSMode = .startTLS, _ certificate: ClientCertificate = .none
    ) {
        listener = ListenerSettings(name: "test", tls: tls, policy: policy)
        self.certificate = certificate
    }

    package var settings: Settings {
        get throws {
            guard let hostname = Domain("mail.example.org"), let postmaster = Mailbox("root@example.org") else {
                throw WorldError.notADomain("mail.example.org")
            }
            return Settings(hostname: hostname, postmaster: postmaster, listener: listener, limits: limits)
        }
    }
}
