package import PosternCertificates

/// The usual ways in which a client's certificate is unusable, for tests that care that it is, not how it is found.
package enum CertificateFault: CaseIterable, Sendable {
    case expired, notYetValid, wrongAuthority, wrongUsage, weakKey, revoked

    /// Whether this is the fault that was found, and the only one.
    package func isShown(by unusable: UnusableCertificate) -> Bool {
        guard unusable.findings.count == 1 else { return false }
        switch (self, unusable.findings[0].refusal) {
        case (.expired, .expired), (.notYetValid, .notYetValid), (.wrongAuthority, .issuerNotTrusted),
            (.wrongUsage, .notForClients), (.weakKey, .weakKey), (.revoked, .revoked):
            return true
        default: return false
        }
    }
}

extension TestAuthority {
    /// A certificate with this fault, and a trust in this authority under which it has it.
    package func issue(
        _ fault: CertificateFault, mailboxes: [String] = [], id: Authority.ID? = nil
    ) throws -> (certificate: TestCertificate, trust: Trust) {
        let (certificate, isRevoked) = (try issue(fault, mailboxes), fault == .revoked)
        let lists = isRevoked ? try file().revocationLists(in: revocationList(revoking: [certificate])) : []
        return (certificate, try trust(id: id, lists: lists))
    }

    private func issue(_ fault: CertificateFault, _ mailboxes: [String]) throws -> TestCertificate {
        switch fault {
        case .expired: try issue(mailboxes: mailboxes, notAfter: .testNow.adding(days: -1))
        case .notYetValid: try issue(mailboxes: mailboxes, notBefore: .testNow.adding(days: 1))
        case .wrongAuthority: try TestAuthority("Stranger").issue(mailboxes: mailboxes)
        case .wrongUsage: try issue(mailboxes: mailboxes) { try $0.setUsages([.serverAuth]) }
        case .weakKey: try issue(mailboxes: mailboxes) { $0.publicKey = RSAKeys.weak }
        case .revoked: try issue(mailboxes: mailboxes)
        }
    }
}
