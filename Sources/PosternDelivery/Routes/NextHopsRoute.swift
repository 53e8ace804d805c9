public import PosternQueue

/// The next hops of one destination, in the order in which they are tried: the next one when one cannot be spoken to, and
/// never for what it says of the message.
public struct NextHopsRoute: Route {
    /// One of them.
    public struct Hop: Sendable {
        /// For people: `HOST:PORT`.
        public let name: String
        /// Two with the same are the same next hop, spoken to in the same way.
        public let identity: String
        public let route: any Route

        public init(name: String, identity: String, route: any Route) {
            self.name = name
            self.identity = identity
            self.route = route
        }
    }

    let hops: [Hop]
    private let records: NextHopRecords

    /// - Parameter hops: at least one.
    public init(_ hops: [Hop]) {
        self.init(hops, records: NextHopRecords())
    }

    init(_ hops: [Hop], records: NextHopRecords) {
        self.hops = hops
        self.records = records
    }

    /// The same, with what is known of its next hops already.
    func remembering(_ records: NextHopRecords) -> NextHopsRoute {
        NextHopsRoute(hops, records: records)
    }

    /// That of the first.
    public var name: String { hops.first?.route.name ?? "none" }

    /// Where there is another one a failure costs little, and is not to be waited for by many.
    private var tolerance: Int { hops.count > 1 ? 1 : 3 }

    public func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        var outcomes = [RouteOutcome?](repeating: nil, count: claim.recipients.count)
        for (place, hop) in hops.enumerated() {
            let open = outcomes.indices.filter { outcomes[$0]?.mayGoElsewhere ?? true }
            guard !open.isEmpty, place == 0 || !Task.isCancelled else { break }
            let results = await deliver(claim.part(open), to: hop, body: body)
            for (index, result) in zip(open, results) { outcomes[index] = result.standing(after: outcomes[index]) }
        }
        return outcomes.map { $0 ?? .deferred(.noNextHop) }
    }

    private func deliver(_ claim: Claim, to hop: Hop, body: DeliveryBody) async -> [RouteOutcome] {
        if let refusal = records.refusal(of: hop) {
            return claim.recipients.map { _ in .postponed(refusal.failure, for: refusal.pause) }
        }
        let outcomes = await hop.route.deliver(claim, body: body)
        // An attempt that we gave up ourselves tells nothing of the next hop.
        guard !outcomes.contains(where: \.isPostponed) else { return outcomes }
        let failure = outcomes.allSatisfy(\.mayGoElsewhere) ? outcomes.first?.failure : nil
        records.note(failure, of: hop, tolerance: tolerance)
        return outcomes
    }
}

extension RouteOutcome {
    /// Whether another next hop may be tried at once.
    var mayGoElsewhere: Bool {
        switch self {
        case .deferred(let failure), .postponed(let failure, _): failure.concernsNextHop
        case .delivered, .failed: false
        }
    }

    /// Why the recipient was not reached.
    var failure: DeliveryFailure? {
        switch self {
        case .delivered: nil
        case .deferred(let failure), .failed(let failure), .postponed(let failure, _): failure
        }
    }

    var isPostponed: Bool { if case .postponed = self { true } else { false } }

    /// What of a next hop's outcome and an earlier one's counts: what was tried before what was not, of two that were not
    /// the one that comes to its turn sooner.
    fileprivate func standing(after earlier: RouteOutcome?) -> RouteOutcome {
        switch (earlier, self) {
        case (.postponed(_, let first)?, .postponed(_, let second)) where second < first: self
        case (let earlier?, .postponed): earlier
        default: self
        }
    }
}

extension DeliveryFailure {
    /// For a list of none, which nobody makes.
    fileprivate static let noNextHop = DeliveryFailure(code: "4.3.5", reason: "no next hop", concernsNextHop: true)
}
