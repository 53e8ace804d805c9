import PosternCertificates
import PosternMail

extension MappingRule {
    /// A mailbox in the certificate's subjectAltName (RFC 5280 §4.2.1.6) that the authority may speak for and that is an
    /// address of an account.
    static func byRFC822Name(_ certificate: VerifiedCertificate, _ snapshot: Snapshot) -> [MappingFinding] {
        certificate.facts.mailboxes.map { mailbox in
            MappingFinding(
                rule: .rfc822Name, subject: mailbox.description, result: result(mailbox, certificate, snapshot))
        }
    }

    private static func result(
        _ mailbox: Mailbox, _ certificate: VerifiedCertificate, _ snapshot: Snapshot
    ) -> MappingFinding.Result {
        guard let authority = certificate.authority else { return .notVouchedFor }
        guard let domain = mailbox.domain, snapshot.domains(grantedTo: authority).contains(domain) else {
            return .outsideGrant(authority)
        }
        return snapshot.account(owning: mailbox).map { .account($0.name) } ?? .nobody
    }
}
