import PosternConfiguration
import PosternDelivery
import PosternMail

/// Routes of the file as those of the delivery.
extension Assembler {
    /// - Parameters:
    ///   - hostname: nil where it is wrong; the rest is checked all the same.
    ///   - listeners: none of which may be a next hop.
    /// - Returns: nil if something is wrong with one of them.
    mutating func routing(
        _ routes: [RouteRule], from hostname: Domain?, limits: PosternConfiguration.Limits, listeners: [Listener]
    ) -> Routing? {
        // Routes to one place share its connections, and what is known of its health.
        var ways: [String: Routing.Way] = [:]
        var rules: [Routing.Rule] = []
        for route in routes {
            for hop in route.nextHops { checkLoop(to: hop, hostname, listeners) }
            let senders = route.senders.compactMap { domain($0, named: "senders") }
            let recipients = route.recipients.compactMap { domain($0, named: "recipients") }
            let name = route.nextHops.map(\.value.description).joined(separator: ", ")
            guard let way = ways[name] ?? way(named: name, to: route.nextHops, from: hostname, limits) else { continue }
            ways[name] = way
            rules.append(Routing.Rule(senders: Set(senders), recipients: Set(recipients), way: way))
        }
        guard rules.count == routes.count, let last = rules.popLast() else { return nil }
        return Routing(rules, otherwise: last.way)
    }

    private mutating func way(
        named name: String, to hops: [Located<NextHop>], from hostname: Domain?, _ limits: PosternConfiguration.Limits
    ) -> Routing.Way? {
        let routes = hops.compactMap { route($0, from: hostname) }
        guard routes.count == hops.count, let first = routes.first else { return nil }
        let isLocal = hops.allSatisfy(\.value.isLocal)
        let limit = isLocal ? limits.deliveryConnections : limits.destinationConnections
        return Routing.Way(
            to: Destination(name: name, limit: limit),
            by: isLocal && routes.count == 1
                ? first : NextHopsRoute(zip(hops, routes).map { NextHopsRoute.Hop($0.value, by: $1) }))
    }

    /// C15: a next hop that is plainly one of our own listeners. What cannot be seen here the client finds by the name in
    /// the reply to EHLO, and the server by the number of Received fields.
    private mutating func checkLoop(to hop: Located<NextHop>, _ hostname: Domain?, _ listeners: [Listener]) {
        guard case .smtp(let server) = hop.value else { return }
        let host = server.host.lowercased()
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        for listener in listeners where listener.port.value == server.port {
            let isOwn =
                listener.address.map { $0.value == host } ?? isLoopback || host == hostname?.folded
                || listener.address?.value == "127.0.0.1" && host == "localhost"
            guard isOwn else { continue }
            let sentence = "next-hop: \(shown(server.host)), port \(server.port), is our own listener"
            report("\(sentence) \(shown(listener.name.value)): mail would come back", at: hop.location)
        }
    }
}

extension NextHopsRoute.Hop {
    /// It is another one when a file that it names was written anew: what kept it from being spoken to may be gone.
    fileprivate init(_ hop: NextHop, by route: any Route) {
        let stamps = (hop.server?.files ?? []).map { FileStamp(of: $0) }
        self.init(
            name: hop.name, identity: stamps.isEmpty ? hop.description : "\(hop.description) \(stamps)", route: route)
    }
}

extension NextHop {
    /// In as few words as tell one from the others, for the log.
    fileprivate var name: String {
        switch self {
        case .smtp(let hop): hop.place
        case .lmtp(let hop): "lmtp:\(hop.place)"
        case .lmtpSocket(let path, _): "lmtp:\(path)"
        case .maildir, .discard: description
        }
    }

    /// Whether nothing of it goes over a network.
    fileprivate var isLocal: Bool {
        switch self {
        case .maildir, .discard: true
        case .smtp, .lmtp, .lmtpSocket: false
        }
    }

    /// All that it says, on one line: two with the same text are the same.
    fileprivate var description: String {
        switch self {
        case .smtp(let hop): hop.description
        case .lmtp(let hop): "lmtp:\(hop.description)"
        case .lmtpSocket(let path, let timeouts):
            "lmtp:\(path)" + (timeouts == NextHopTimeouts() ? "" : " (timeouts \(timeouts))")
        case .maildir(let path): "maildir:\(path)"
        case .discard: "discard:"
        }
    }
}

extension SMTPNextHop {
    fileprivate var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    fileprivate var description: String {
        let details = [
            tls == .may ? nil : "tls \(tls.rawValue)", authorities.map { "ca \($0.value)" },
            certificate.map { "certificate \($0.certificate.value) \($0.key.value)" },
            login.map { "user \($0.user.value) \($0.passwordFile.value)" },
            timeouts == NextHopTimeouts() ? nil : "timeouts \(timeouts)",
        ].compactMap { $0 }
        return place + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
    }
}
