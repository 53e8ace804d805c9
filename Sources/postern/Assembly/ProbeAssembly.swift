import PosternCertificates
import PosternConfiguration
import PosternConnection
import PosternMail

/// By what the listeners of this server are asked what they do.
struct AssembledProbe: Sendable {
    let identity: ClientIdentity
    /// An address of the certificate.
    let sender: Mailbox
    let isAtStart: Bool
}

extension Assembler {
    mutating func probe(_ settings: SelfProbe) -> AssembledProbe? {
        let paths = NextHopCertificate(certificate: settings.certificate, key: settings.key)
        guard let identity = clientIdentity(paths), let facts = certificateFile(settings.certificate)?.facts else {
            return nil
        }
        guard let sender = facts.mailboxes.first else {
            let sentence = "probe: certificate: \(shown(settings.certificate.value)) holds no address"
            report("\(sentence); expected one that leads to an account", at: settings.certificate.location)
            return nil
        }
        return AssembledProbe(identity: identity, sender: sender, isAtStart: settings.isAtStart)
    }
}
