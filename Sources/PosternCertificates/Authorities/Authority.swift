/// What to do while a revocation list is out of date.
public enum RevocationMode: String, Hashable, Sendable, CaseIterable {
    /// Whoever the list speaks for is to come again later.
    case hard
    /// The list is used as it is, with a warning.
    case soft
}

/// Someone whose word about client certificates we take: the certificates of one file, and the lists of what they have
/// revoked.
public struct Authority: Sendable, Identifiable {
    /// Stable over restarts and reloads. An identity is this with a name: two authorities may vouch for one address.
    public typealias ID = String

    public let id: ID
    public let file: AuthorityFile
    public let revocation: RevocationMode
    /// The newest list of each issuer.
    public let lists: [RevocationList]

    private let listsByIssuer: [Name: RevocationList]

    /// - Parameters:
    ///   - id: default: the first anchor's subject and the beginning of its fingerprint.
    ///   - lists: from `file.revocationLists(in:)`. Where an issuer has several, the newest counts (RFC 5280 §5).
    public init(
        id: ID? = nil, file: AuthorityFile, lists: [RevocationList] = [], revocation: RevocationMode = .hard
    ) {
        self.id = id ?? file.name
        self.file = file
        self.revocation = revocation
        var newest: [Name: RevocationList] = [:]
        for list in lists where list.thisUpdate >= newest[list.issuerName]?.thisUpdate ?? list.thisUpdate {
            newest[list.issuerName] = list
        }
        listsByIssuer = newest
        self.lists = newest.values.sorted { $0.issuer < $1.issuer }
    }

    /// The trust anchors, for the names that a server sends when it asks for a certificate (RFC 8446 §4.2.4).
    public var anchorsDER: [[UInt8]] { file.anchors.map(\.certificate.der) }

    /// The certificates of the file, anchors first: for display, and for warnings before they expire.
    public var certificates: [CertificateFacts] { file.certificates }

    func list(of issuer: Name) -> RevocationList? { listsByIssuer[issuer] }
}
