public import PosternCertificates

/// How AUTH EXTERNAL, or the implicit one at MAIL, ends.
public enum ExternalOutcome: Sendable {
    case authenticated(Authenticated, Account)
    case refused(ExternalRefusal)
}

/// Why a certificate does not authenticate.
public enum ExternalRefusal: Sendable {
    case noCertificate
    case unusable(UnusableCertificate)
    /// The certificate leads to no account.
    case unmapped
    /// It leads to several, and the client named none.
    case ambiguous
    /// The client named an account that the certificate does not lead to.
    case notPermitted
    case disabled
    case tlsBelowMinimum(TLSVersion)
    /// Whether it was revoked cannot be told.
    case revocationUnknown(StaleList)
}

/// What a client's authorization identity has to be (setting `external-authzid`).
public enum AuthorizationIdentityRule: String, Hashable, Sendable, CaseIterable {
    /// Empty, or a name of the account that the certificate leads to.
    case verify
    /// Whatever it likes where the certificate leads to one account.
    case ignore
}

extension CertificateDecision {
    /// Authenticates by certificate (RFC 4422 Appendix A).
    ///
    /// - Parameter authorizationIdentity: as whom the client wants to act; nil for the one that its certificate gives.
    ///   It only narrows: a name never makes an identity that the certificate does not hold.
    public func authenticate(
        as authorizationIdentity: String?, rule: AuthorizationIdentityRule = .verify
    ) -> ExternalOutcome {
        switch standing {
        case .noCertificate: return .refused(.noCertificate)
        case .unusable(let unusable): return .refused(.unusable(unusable))
        case .tlsBelowMinimum(_, let minimum): return .refused(.tlsBelowMinimum(minimum))
        case .unmapped: return .refused(.unmapped)
        case .mapped(let certificate, let account):
            let isPermitted = authorizationIdentity.map { isName($0, of: account) } ?? true
            guard isPermitted || rule == .ignore else { return .refused(.notPermitted) }
            return authenticate(account, by: certificate)
        case .ambiguous(let certificate, let accounts):
            guard let authorizationIdentity else { return .refused(.ambiguous) }
            guard let account = accounts.first(where: { $0.isNamed(authorizationIdentity) }) else {
                return .refused(.notPermitted)
            }
            return authenticate(account, by: certificate)
        }
    }

    private func authenticate(_ account: Account, by certificate: VerifiedCertificate) -> ExternalOutcome {
        if case .unavailable(let list) = certificate.revocation { return .refused(.revocationUnknown(list)) }
        guard !account.isDisabled else { return .refused(.disabled) }
        let identity = Authenticated(account, basis: .certificate(certificate.facts.certificateFingerprint))
        return .authenticated(identity, account)
    }

    /// libESMTP sends the common name of its own certificate; it names what the certificate maps to, unless it names
    /// somebody else.
    private func isName(_ text: String, of account: Account) -> Bool {
        account.isNamed(text) || text == alias
    }
}
