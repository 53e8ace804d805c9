/// Whom we believe about clients: the authorities, and keys that are known by themselves. Immutable; a change of
/// configuration, of a list or of an account makes a new one.
public struct Trust: Sendable {
    /// Names what path building depends on: the authorities, in their order, with their certificates. Revocation lists
    /// and pinned keys are not in it.
    public struct AnchorsID: Fingerprint {
        public let digest: SHA256Value
        public init(digest: SHA256Value) { self.digest = digest }
    }

    /// Nobody.
    public static let nobody = Trust(authorities: [], pinnedKeys: [])

    public let authorities: [Authority]
    public let pinnedKeys: Set<KeyFingerprint>
    public let anchorsID: AnchorsID

    /// A certificate of the configuration that may have issued another.
    struct Issuer: Sendable {
        let candidate: PathBuilder.Candidate
        let isAnchor: Bool
        /// Its authority's place in `authorities`.
        let authority: Int
    }

    /// By subject.
    let issuers: [Name: [Issuer]]
    /// All certificates of the authorities. A client that sends one of them as well sends nothing new.
    private let known: Set<CertificateFingerprint>

    public init(authorities: [Authority], pinnedKeys: Set<KeyFingerprint> = []) {
        self.authorities = authorities
        self.pinnedKeys = pinnedKeys
        var issuers: [Name: [Issuer]] = [:]
        var identity: [UInt8] = []
        for (index, authority) in authorities.enumerated() {
            identity.append(contentsOf: "\(authority.id.utf8.count) \(authority.id)".utf8)
            for (candidates, isAnchor) in [(authority.file.anchors, true), (authority.file.intermediates, false)] {
                identity.append(contentsOf: " \(candidates.count) ".utf8)
                for candidate in candidates {
                    let issuer = Issuer(candidate: candidate, isAnchor: isAnchor, authority: index)
                    issuers[candidate.certificate.subject, default: []].append(issuer)
                    identity.append(contentsOf: candidate.certificate.fingerprint.description.utf8)
                }
            }
        }
        known = Set(issuers.values.joined().map(\.candidate.certificate.fingerprint))
        // Anchors first: the shortest way is the likeliest.
        self.issuers = issuers.mapValues { $0.filter(\.isAnchor) + $0.filter { !$0.isAnchor } }
        anchorsID = AnchorsID(of: identity)
    }

    func knows(_ der: [UInt8]) -> Bool { known.contains(CertificateFingerprint(of: der)) }

    /// Whether no certificate at all can be verified.
    public var isEmpty: Bool { authorities.isEmpty && pinnedKeys.isEmpty }
}
