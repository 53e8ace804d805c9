public import PosternCertificates
public import PosternMail

/// What an authority may say: whose addresses its certificates can prove. A certificate that names an address outside
/// these domains gives no identity, so one authority cannot speak for another's users.
public struct Grant: Sendable {
    public let authority: Authority
    /// Exact domains; a subdomain is another one.
    public let domains: Set<Domain>

    public init(authority: Authority, domains: Set<Domain>) {
        self.authority = authority
        self.domains = domains
    }
}
