public import PosternMail

/// One check that certificates must stand: what it is called and which text asks for it. The rules themselves are
/// in `Rules/`, a file each.
public struct Rule: Hashable, Sendable, CustomStringConvertible {
    /// A few words, as `explain` and the log print them: `key usage`.
    public let name: String
    /// Where the demand stands: `RFC 5280 §4.2.1.3`, or `Postern limit` where it is ours.
    public let clause: String

    public var description: String { name }
}

/// Which certificate of a chain.
public struct CertificateReference: Hashable, Sendable, CustomStringConvertible {
    public enum Role: Hashable, Sendable {
        /// The client's own certificate.
        case leaf
        /// One between the leaf and the authority; 1 issued the leaf.
        case intermediate(Int)
        /// The trust anchor, from the configuration.
        case authority
    }

    public let role: Role
    /// For people, as `CertificateFacts.subject`.
    public let subject: String

    /// `client certificate CN=alice`, `intermediate 1 CN=…`, `authority CN=…`.
    public var description: String {
        switch role {
        case .leaf: "client certificate \(subject)"
        case .intermediate(let number): "intermediate \(number) \(subject)"
        case .authority: "authority \(subject)"
        }
    }
}

/// One reason why a chain is unusable.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// The rule that is broken.
    public let rule: Rule
    /// The certificate that breaks it.
    public let certificate: CertificateReference
    /// What the rule asks for.
    public let expected: String
    /// What the certificate shows.
    public let found: String
    /// What the client may be told.
    public let refusal: RefusalClass

    /// Where the rule stands.
    public var clause: String { rule.clause }

    /// One line for `explain` and the log.
    public var description: String {
        "\(certificate): \(rule.name): expected \(expected), found \(found) (\(clause))"
    }
}

/// What the reply to the client is worded from: it tells what the certificate itself shows, nothing about our side.
public enum RefusalClass: Hashable, Sendable {
    /// Its time is over since `on` (the last moment at which it was good).
    case expired(on: Timestamp)
    /// Its time begins at `from`.
    case notYetValid(from: Timestamp)
    /// No path leads to an authority that is configured, or the path is broken on its way.
    case issuerNotTrusted
    /// Its key usage or extended key usage leaves TLS clients out.
    case notForClients
    /// A key that is too small, too large or of a kind that is not taken.
    case weakKey
    /// Signed with a hash that can be forged (MD5, SHA-1).
    case weakSignature
    /// Signed in a way that cannot be checked here (RSA-PSS, Ed448).
    case unsupportedSignature
    /// Its authority has revoked it.
    case revoked
    /// It is a certificate of an authority, and was presented as a client's.
    case isAuthority
    /// It carries a critical extension that is not known here.
    case unsupportedExtension
    /// An authority above it carries name constraints, which cannot be checked here yet.
    case constrained
    /// More certificates, names or octets than we look at.
    case tooLarge
    /// It does not follow the structure of a certificate.
    case malformed
}
