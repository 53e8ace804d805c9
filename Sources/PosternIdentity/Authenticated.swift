public import PosternCertificates

/// Who a session acts for. A value exists only as the result of a verification: of a certificate in this session's
/// handshake, or of a password.
public struct Authenticated: Hashable, Sendable {
    public enum Basis: Hashable, Sendable {
        case certificate(CertificateFingerprint)
        case password
    }

    /// The account's name.
    public let account: String
    public let basis: Basis

    init(_ account: Account, basis: Basis) {
        self.account = account.name
        self.basis = basis
    }
}

/// Whether what a session was authenticated by still holds.
public enum Continuation: Sendable {
    /// It does; the account as it is now.
    case stands(Account)
    /// The account is gone or disabled.
    case accountEnded
    /// The certificate has expired, was revoked, is trusted no more or leads to nobody.
    case certificateEnded
    /// The certificate leads to another account now.
    case mapsElsewhere
    /// Whether the certificate was revoked cannot be told at the moment.
    case revocationUnknown(StaleList)
}

extension Snapshot {
    /// Looks again at who a session acts for (standards/policies.md 7.3.1).
    /// - Parameter decision: what the session's certificate amounts to now.
    public func continuation(of identity: Authenticated, under decision: CertificateDecision) -> Continuation {
        guard let account = accounts[identity.account], !account.isDisabled else { return .accountEnded }
        guard case .certificate = identity.basis else { return .stands(account) }
        switch decision.standing {
        case .noCertificate, .unusable, .tlsBelowMinimum, .unmapped: return .certificateEnded
        case .mapped(let certificate, let mapped):
            guard mapped.name == account.name else { return .mapsElsewhere }
            return Self.continuation(of: account, by: certificate)
        case .ambiguous(let certificate, let candidates):
            guard candidates.contains(where: { $0.name == account.name }) else { return .mapsElsewhere }
            return Self.continuation(of: account, by: certificate)
        }
    }

    private static func continuation(of account: Account, by certificate: VerifiedCertificate) -> Continuation {
        if case .unavailable(let list) = certificate.revocation { return .revocationUnknown(list) }
        return .stands(account)
    }
}
