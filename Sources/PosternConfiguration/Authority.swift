import Yams

/// An authority that issues client certificates.
public struct Authority: Sendable, Equatable {
    /// The path of its certificate, PEM.
    public var file: Located<String>
    /// The domains for whose addresses it speaks: exact names, at least one.
    public var domains: [Located<String>]
    public var revocations: Revocations?

    /// The list of certificates that an authority has revoked.
    public struct Revocations: Sendable, Equatable {
        /// The path of a CRL, PEM or DER.
        public var file: Located<String>
        public var strictness: Strictness
    }

    /// What holds when the list is too old.
    public enum Strictness: String, Sendable, CaseIterable {
        /// Its certificates cannot log in until a newer one is there.
        case hard
        /// They can; the log says so.
        case soft
    }
}

extension Authority {
    /// An authority as far as it has been read.
    struct Draft: Sendable {
        var file: Located<String>?
        var domains: [Located<String>] = []
        var crl: Located<String>?
        var revocation: Located<Strictness>?
    }

    static let settings: [Setting<Draft>] = [
        .located(
            "file", \.file, .path("the path of a PEM file"), isRequired: true, .given("devices-ca.pem"),
            "The authority's certificate, PEM."),
        .list(
            "domains", \.domains, .exactDomain, isRequired: true, .given("[example.org]"),
            "It speaks for addresses in these domains, and in no others."),
        .located(
            "crl", \.crl, .path("the path of a CRL"), .standard("devices.crl"), "The certificates it has revoked."),
        .located(
            "revocation", \.revocation, .choice, .standard("hard"),
            "When the CRL is too old. hard: none of its certificates logs in. soft: they do, and the log says so."
        ),
    ]

    static var exampleLines: [String] {
        Example.listItem(of: settings)
    }
}

extension Reader {
    func authorities(of node: Node) -> [Authority] {
        guard let items = items(of: node, key: "authorities", expected: "a list of maps with 'file' and 'domains'")
        else {
            return []
        }
        return items.compactMap(authority)
    }

    private func authority(of node: Node) -> Authority? {
        var draft = Authority.Draft()
        read(node, as: Authority.settings, named: "an authority", at: location(of: node), into: &draft)
        if let revocation = draft.revocation, draft.crl == nil {
            report(
                .rule("'revocation' says what to do with a CRL, and this authority has none; add 'crl'"),
                at: revocation.location)
        }
        guard let file = draft.file else { return nil }
        let revocations = draft.crl.map {
            Authority.Revocations(file: $0, strictness: draft.revocation?.value ?? .hard)
        }
        return Authority(file: file, domains: draft.domains, revocations: revocations)
    }
}

extension Form where Value == String {
    /// A domain, as a name without wildcards. Whether it is one the room of mail decides.
    fileprivate static var exactDomain: Form {
        Form(expected: "a domain such as example.org") { text, _ throws(Refusal) in
            guard !text.isEmpty else { throw Refusal() }
            if text.contains("*") || text.hasPrefix(".") {
                throw Refusal(advice: "list every domain by its whole name")
            }
            if text.contains("@") { throw Refusal(advice: "an authority speaks for domains, not for single addresses") }
            return text
        } write: {
            $0
        }
    }
}
