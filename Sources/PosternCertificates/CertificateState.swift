public import PosternMail

/// What a client has shown in its handshake, judged at one moment against one configuration.
///
/// Only this module can make `unusable` and `verified`, so holding a `VerifiedCertificate` is the proof that the chain
/// was checked (presence of a certificate proves nothing).
public enum CertificateState: Hashable, Sendable {
    /// The client sent no certificate.
    case none
    /// It sent one that counts for nothing; with every reason.
    case unusable(UnusableCertificate)
    /// It sent one that an authority of the configuration vouches for, or whose key is pinned.
    case verified(VerifiedCertificate)
}

/// A certificate that counts for nothing.
public struct UnusableCertificate: Hashable, Sendable {
    /// What it says; nil if it could not be read.
    public let facts: CertificateFacts?
    /// Every reason, at least one, in the order of the rules.
    public let findings: [Finding]

    /// - Precondition: `findings` is not empty; `Examination` asks before.
    init(facts: CertificateFacts?, findings: [Finding]) {
        precondition(!findings.isEmpty, "a certificate without a finding is not unusable")
        self.facts = facts
        self.findings = findings
    }
}

/// A certificate that is good, and by what.
public struct VerifiedCertificate: Hashable, Sendable {
    public let facts: CertificateFacts
    /// The authority that the path ends at; nil if the certificate is good by its pinned key alone.
    public let authority: Authority.ID?
    /// Whether its key is one of the pinned ones.
    public let isPinned: Bool
    public let revocation: RevocationStatus
    public let warnings: [CertificateWarning]

    init(
        facts: CertificateFacts, authority: Authority.ID?, isPinned: Bool, revocation: RevocationStatus,
        warnings: [CertificateWarning]
    ) {
        self.facts = facts
        self.authority = authority
        self.isPinned = isPinned
        self.revocation = revocation
        self.warnings = warnings
    }
}

/// What the revocation lists of the authority say of a certificate that they do not revoke.
public enum RevocationStatus: Hashable, Sendable {
    /// The authority has no list, or there is no authority.
    case notChecked
    /// There are lists, but none of this issuer, who issued a certificate of the path. Accepted.
    case notCovered(issuer: String)
    /// On none of the lists of all issuers of the path. (With `revocation: soft` a list may be stale: see warnings.)
    case good
    /// With `revocation: hard`: the list cannot be relied on now. Nobody can say whether the certificate is revoked:
    /// the client is to come again (454).
    case unavailable(StaleList)
}

/// A revocation list outside of its time.
public struct StaleList: Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// Its nextUpdate is past.
        case expired(on: Timestamp)
        /// Its thisUpdate lies ahead.
        case notYetValid(from: Timestamp)
    }

    public let issuer: String
    public let reason: Reason

    public var description: String {
        switch reason {
        case .expired(let moment):
            "the revocation list of \(issuer) was good until \(CalendarDate(moment)): fetch a new one"
        case .notYetValid(let moment):
            "the revocation list of \(issuer) is good only from \(CalendarDate(moment)): is the clock right?"
        }
    }
}

/// Something that does not make a certificate unusable and should be looked after.
public enum CertificateWarning: Hashable, Sendable, CustomStringConvertible {
    /// With `revocation: soft`: a list outside of its time was used as it is.
    case staleList(StaleList)

    public var description: String {
        switch self {
        case .staleList(let list): list.description
        }
    }
}
