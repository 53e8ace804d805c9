package import PosternMail

/// What the configuration says of accounts and lists at a moment of a test. A change makes another snapshot, as a reload
/// does.
package struct Identities: Hashable, Sendable {
    package enum Lists: String, Hashable, Sendable {
        case fresh
        case stale
        case staleSoft = "stale but soft"
    }

    package var disabled: Set<String> = ["carol"]
    package var removed: Set<String> = []
    package var revoked: Set<ClientCertificate> = [.revoked]
    package var lists = Lists.fresh
    /// Addresses that have another owner than at first.
    package var moved: [String: String] = [:]
    /// Alice's own rule.
    package var bareLineEnds: BareLineEnds?

    package init() {}
}
