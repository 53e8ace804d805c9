public import PosternMail

/// The server's own certificate, trusted or not, in values that are safe to print.
public struct ServerCertificate: Hashable, Sendable {
    public let subject: String
    public let issuer: String
    /// The DNS names and addresses in it.
    public let names: [String]
    public let notBefore: Timestamp
    public let notAfter: Timestamp
    /// Whether one of its names is the one that was asked for.
    public let isForHost: Bool

    /// Ends sooner than that: it is told.
    static let warning = Duration.seconds(14 * 86_400)
}
