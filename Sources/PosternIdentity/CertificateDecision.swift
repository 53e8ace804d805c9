public import PosternCertificates
public import PosternMail

/// What a client's certificate amounts to, with the reason of every step: the one value that the reply, the log and
/// `postern explain` read.
///
/// It is made anew at AUTH and at every MAIL, from the newest snapshot and the clock.
public struct CertificateDecision: Sendable {
    /// Whether the certificate is any good, and what was checked.
    public let certificate: CertificateState
    /// What the mapping rules found; empty unless the certificate is verified.
    public let mapping: [MappingFinding]
    public let standing: Standing
    /// The certificate's common name where it may stand for the account that the certificate leads to: not where it is
    /// the name of an account of its own, for whom nothing vouches.
    let alias: String?

    init(_ certificate: CertificateState, mapping: [MappingFinding] = [], standing: Standing, alias: String? = nil) {
        self.certificate = certificate
        self.mapping = mapping
        self.standing = standing
        self.alias = alias
    }
}

/// The states of standards/policies.md: N, U, T, ambiguous (treated as T*) and M.
public enum Standing: Sendable {
    /// N: the client sent no certificate.
    case noCertificate
    /// U: it sent one that proves nothing.
    case unusable(UnusableCertificate)
    /// U as well, but for its words: the certificate is good and came over a version of TLS below the minimum.
    case tlsBelowMinimum(VerifiedCertificate, minimum: TLSVersion)
    /// T: the certificate is good and belongs to nobody here.
    case unmapped(VerifiedCertificate)
    /// The certificate is good and belongs to several accounts, in the order in which they were found.
    case ambiguous(VerifiedCertificate, [Account])
    /// M: the certificate is good and belongs to this account.
    case mapped(VerifiedCertificate, Account)
}

extension Snapshot {
    /// Decides what the certificate of a connection amounts to now.
    ///
    /// - Parameters:
    ///   - examination: what the handshake's chain says; nil where the client sent none.
    ///   - version: the version of TLS that the connection speaks.
    ///   - minimum: the lowest version over which a certificate counts.
    public func decide(
        _ examination: Examination?, over version: TLSVersion, minimum: TLSVersion, at now: Timestamp
    ) -> CertificateDecision {
        let state = examination?.state(at: now, trust: trust) ?? .none
        switch state {
        case .none:
            return CertificateDecision(state, standing: .noCertificate)
        case .unusable(let unusable):
            return CertificateDecision(state, standing: .unusable(unusable))
        case .verified(let verified):
            let mapping = MappingRule.allCases.flatMap { $0.findings(for: verified, in: self) }
            let standing =
                version < minimum
                ? Standing.tlsBelowMinimum(verified, minimum: minimum) : standing(of: verified, mapping)
            let alias = verified.facts.commonName.flatMap { account(forLogin: $0) == nil ? $0 : nil }
            return CertificateDecision(state, mapping: mapping, standing: standing, alias: alias)
        }
    }

    private func standing(of certificate: VerifiedCertificate, _ mapping: [MappingFinding]) -> Standing {
        var found: [Account] = []
        for case .account(let name) in mapping.lazy.map(\.result) where !found.contains(where: { $0.name == name }) {
            if let account = accounts[name] { found.append(account) }
        }
        switch found.count {
        case 0: return .unmapped(certificate)
        case 1: return .mapped(certificate, found[0])
        default: return .ambiguous(certificate, found)
        }
    }
}

extension CertificateDecision {
    /// Whether AUTH EXTERNAL can succeed for some authorization identity, now or once a revocation list is there again:
    /// what decides whether EHLO lists it (standards/policies.md 7.2).
    public var canAuthenticate: Bool {
        switch standing {
        case .noCertificate, .unusable, .tlsBelowMinimum, .unmapped: false
        case .mapped(_, let account): !account.isDisabled
        case .ambiguous(_, let accounts): accounts.contains { !$0.isDisabled }
        }
    }
}
