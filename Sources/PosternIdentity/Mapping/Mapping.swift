public import PosternCertificates

/// How a certificate leads to accounts. A new way is a case here and a file beside `PinnedKey.swift`; what all of them
/// find is united, and two different accounts are ambiguous.
public enum MappingRule: String, Hashable, Sendable, CaseIterable {
    case pinnedKey = "pinned-key"
    case rfc822Name = "rfc822-name"

    func findings(for certificate: VerifiedCertificate, in snapshot: Snapshot) -> [MappingFinding] {
        switch self {
        case .pinnedKey: Self.byPinnedKey(certificate, snapshot)
        case .rfc822Name: Self.byRFC822Name(certificate, snapshot)
        }
    }
}

/// What one rule made of one fact of the certificate.
public struct MappingFinding: Hashable, Sendable {
    public enum Result: Hashable, Sendable {
        case account(String)
        /// No account has this name.
        case nobody
        /// The authority does not speak for this domain.
        case outsideGrant(Authority.ID)
        /// No authority vouches for the name: the certificate is trusted through its key alone.
        case notVouchedFor
    }

    public let rule: MappingRule
    /// The key or the name that was looked up.
    public let subject: String
    public let result: Result
}
