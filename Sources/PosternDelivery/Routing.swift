public import PosternMail
import PosternQueue

/// Which recipients go where: rules of which the first that fits counts, and what holds where none does.
public struct Routing: Sendable {
    /// A way, and where it leads.
    public struct Way: Sendable {
        public let destination: Destination
        public let route: any Route

        public init(to destination: Destination, by route: any Route) {
            self.destination = destination
            self.route = route
        }
    }

    public struct Rule: Sendable {
        /// Domains of the reverse-path; empty for any, the null one too.
        public let senders: Set<Domain>
        /// Domains of the recipient; empty for any.
        public let recipients: Set<Domain>
        public let way: Way

        public init(senders: Set<Domain> = [], recipients: Set<Domain> = [], way: Way) {
            self.senders = senders
            self.recipients = recipients
            self.way = way
        }

        fileprivate func fits(_ reversePath: ReversePath, _ recipient: Mailbox) -> Bool {
            let isSender =
                if case .mailbox(let sender) = reversePath {
                    sender.domain.map { senders.contains($0) } ?? false
                } else {
                    false
                }
            return (senders.isEmpty || isSender)
                && (recipients.isEmpty || recipient.domain.map { recipients.contains($0) } ?? false)
        }
    }

    private let rules: [Rule]
    private let standard: Way
    /// The first to each destination, in the order of the rules. Looked at for each delivery.
    private var ways: [Way]

    public init(_ rules: [Rule] = [], otherwise way: Way) {
        self.rules = rules
        standard = way
        ways = (rules.map(\.way) + [way]).reduce(into: []) { found, way in
            if !found.contains(where: { $0.destination == way.destination }) { found.append(way) }
        }
    }

    /// Each of them once, in the order of the rules.
    var destinations: [Destination] { ways.map(\.destination) }

    /// The same, with what is known of its next hops already; of others it is forgotten.
    func remembering(_ records: NextHopRecords) -> Routing {
        records.keep(ways.flatMap { ($0.route as? NextHopsRoute)?.hops ?? [] })
        var routing = self
        routing.ways = ways.map { way in
            guard let route = way.route as? NextHopsRoute else { return way }
            return Way(to: way.destination, by: route.remembering(records))
        }
        return routing
    }

    /// Nil for a destination of an earlier configuration.
    func route(to destination: Destination) -> (any Route)? {
        ways.first { $0.destination == destination }?.route
    }

    /// A claim by where its recipients go.
    func consignments(of claim: Claim) -> [Consignment] {
        let destinations = claim.recipients.map { recipient in
            let rule = rules.first { $0.fits(claim.message.reversePath, recipient.mailbox) }
            return (rule?.way ?? standard).destination
        }
        // Nearly every message goes to one place at once, and is not taken apart.
        let isSplit = destinations.count > Consignment.recipientLimit || destinations.contains { $0 != destinations[0] }
        guard isSplit else { return destinations.prefix(1).map { Consignment(destination: $0, claim: claim) } }
        return self.destinations.flatMap { destination in
            let part = destinations.indices.filter { destinations[$0] == destination }
            return stride(from: 0, to: part.count, by: Consignment.recipientLimit).map { start in
                let places = part[start...].prefix(Consignment.recipientLimit)
                return Consignment(destination: destination, claim: claim.part(Array(places)))
            }
        }
    }
}
