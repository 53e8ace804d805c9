import Yams

/// Which mail goes to which next hops.
public struct RouteRule: Sendable, Equatable {
    /// Domains of the reverse-path; empty for any.
    public var senders: [Located<String>]
    /// Domains of recipients; empty for any.
    public var recipients: [Located<String>]
    /// In the order in which they are tried; at least one.
    public var nextHops: [Located<NextHop>]
    public var location: SourceLocation

    /// Whether there is no error in it. What could not be read is as if it were absent, and says nothing of which mail fits.
    var isWhole = true
}

extension RouteRule {
    /// A route as far as it has been read.
    struct Draft: Sendable {
        var senders: [Located<String>] = []
        var recipients: [Located<String>] = []
        var nextHops: [Located<NextHop>] = []
    }

    static let settings: [Setting<Draft>] = [
        Setting(
            name: "next-hop",
            documentation: "As next-hop above: one, or a list of which the next is tried when one is not there.",
            isRequired: true, example: .given("[smtp.example.org, backup.example.org]"),
            read: { node, reader, draft in draft.nextHops = reader.nextHops(of: node, key: "next-hop") ?? [] }),
        .list(
            "senders", \.senders, .domainName, .standard("[example.org]"),
            "Domains of senders (the reverse-path). Without it: any sender, and reports."),
        .list(
            "recipients", \.recipients, .domainName, .standard("[example.net, example.com]"),
            "Domains of recipients. Without it: any."),
    ]

    static var exampleLines: [String] { Example.listItem(of: settings) }

    /// Whether all mail that fits the other surely fits this one.
    fileprivate func covers(_ other: RouteRule) -> Bool {
        guard isWhole, other.isWhole else { return false }
        func covers(_ own: [Located<String>], _ others: [Located<String>]) -> Bool {
            own.isEmpty || !others.isEmpty && Set(others.map(\.value.folded)).isSubset(of: own.map(\.value.folded))
        }
        return covers(senders, other.senders) && covers(recipients, other.recipients)
    }
}

extension Reader {
    /// One next hop, or a list of them; nil where none can be read.
    func nextHops(of node: Node, key: String) -> [Located<NextHop>]? {
        guard case .sequence = node else { return nextHop(of: node, key: key).map { [$0] } }
        guard let items = items(of: node, key: key, expected: "a list of next hops") else { return nil }
        if items.isEmpty {
            report(
                .unexpected(key: key, expected: "at least one next hop", found: "an empty list", advice: nil),
                at: location(of: node))
        }
        let hops = items.compactMap { nextHop(of: $0, key: key) }
        for (index, hop) in hops.enumerated() {
            guard let first = hops[..<index].first(where: { $0.value.isSame(as: hop.value) }) else { continue }
            report(.rule("\(key): the same next hop is in line \(first.location.line) already"), at: hop.location)
        }
        return hops.isEmpty ? nil : hops
    }

    func routes(of node: Node) -> [RouteRule] {
        guard let items = items(of: node, key: "routes", expected: "a list of maps with 'next-hop'") else { return [] }
        if items.isEmpty {
            report(.rule("'routes' is empty: name at least one, or leave the key out"), at: location(of: node))
        }
        return items.compactMap(route)
    }

    private func route(of node: Node) -> RouteRule? {
        var draft = RouteRule.Draft()
        let place = location(of: node)
        let before = errors
        read(node, as: RouteRule.settings, named: "a route", at: place, into: &draft)
        checkTwins(draft.senders, key: "senders")
        checkTwins(draft.recipients, key: "recipients")
        guard !draft.nextHops.isEmpty else { return nil }
        return RouteRule(
            senders: draft.senders, recipients: draft.recipients, nextHops: draft.nextHops, location: place,
            isWhole: errors == before)
    }

    private func checkTwins(_ domains: [Located<String>], key: String) {
        for (index, domain) in domains.enumerated()
        where domains[..<index].contains(where: { $0.value.folded == domain.value.folded }) {
            report(.rule("\(key): \(quoted(domain.value)) is in the list already"), at: domain.location)
        }
    }

    /// All routes in their order, the last of which takes what fits no other: `next-hop`, where it is given.
    /// - Parameters:
    ///   - standard: what `next-hop` says.
    ///   - place: of `routes`.
    ///   - isWhole: whether there is no error in any of them.
    func complete(
        _ routes: [RouteRule], at place: SourceLocation?, standard: [Located<NextHop>]?, isWhole: Bool
    ) -> [RouteRule]? {
        let last = standard.flatMap { hops in
            hops.first.map { RouteRule(senders: [], recipients: [], nextHops: hops, location: $0.location) }
        }
        let all = routes + [last].compactMap { $0 }
        for (index, route) in all.enumerated() {
            guard let earlier = all[..<index].first(where: { $0.covers(route) }) else { continue }
            let sentence = "no mail comes here: whatever fits fits the route in line \(earlier.location.line), too"
            report(.rule("\(sentence); put this one before it, or take it out"), at: route.location)
        }
        if last == nil, isWhole, let place, !routes.isEmpty,
            !routes.contains(where: { $0.senders.isEmpty && $0.recipients.isEmpty })
        {
            let sentence = "what fits no route would go nowhere; add 'next-hop', or a route with that alone"
            report(.rule(sentence), at: place)
        }
        return all.isEmpty ? nil : all
    }
}

extension NextHop {
    /// Whether mail for both would come to the same place, however each is spoken to.
    fileprivate func isSame(as other: NextHop) -> Bool {
        switch (self, other) {
        case (.smtp(let left), .smtp(let right)), (.lmtp(let left), .lmtp(let right)):
            left.host.folded == right.host.folded && left.port == right.port
        case (.lmtpSocket(let left, _), .lmtpSocket(let right, _)): left == right
        default: self == other
        }
    }
}

extension Form where Value == String {
    /// A domain, as a name without wildcards. Whether it is one the room of mail decides.
    fileprivate static var domainName: Form {
        Form(expected: "a domain such as example.org") { text, _ throws(Refusal) in
            guard !text.isEmpty else { throw Refusal() }
            if text.contains("*") || text.hasPrefix(".") {
                throw Refusal(advice: "list every domain by its whole name")
            }
            if text.contains("@") { throw Refusal(advice: "routes go by domains, not by single addresses") }
            return text
        } write: {
            $0
        }
    }
}

extension String {
    /// The form in which two spellings of a domain are one.
    fileprivate var folded: String { lowercased() }
}
