public import PosternQueue
import Synchronization

/// The next hops of one destination, in the order in which they are tried: the next one when one cannot be spoken to, and
/// never for what it says of the message.
public struct NextHopsRoute: Route {
    private let hops: [NextHop]
    /// Of a monotonic clock.
    private let now: @Sendable () -> Duration

    /// - Parameter routes: at least one.
    public init(_ routes: [any Route]) {
        let start = ContinuousClock.now
        self.init(routes) { start.duration(to: .now) }
    }

    init(_ routes: [any Route], now: @escaping @Sendable () -> Duration) {
        // Where there is another one a failure costs little, and is not to be waited for by many.
        let tolerance = routes.count > 1 ? 1 : 3
        hops = routes.map { NextHop($0, NextHopHealth(tolerance: tolerance)) }
        self.now = now
    }

    /// That of the first.
    public var name: String { hops.first?.route.name ?? "none" }

    public func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        var outcomes = claim.recipients.map { _ in RouteOutcome.deferred(.noNextHop) }
        for (place, hop) in hops.enumerated() {
            let open = outcomes.indices.filter { outcomes[$0].mayGoElsewhere }
            guard !open.isEmpty, place == 0 || !Task.isCancelled else { break }
            let results = await hop.deliver(claim.part(open), body: body, now)
            for (index, result) in zip(open, results) { outcomes[index] = result }
        }
        return outcomes
    }

    private final class NextHop: Sendable {
        let route: any Route
        private let health: Mutex<NextHopHealth>

        init(_ route: any Route, _ health: NextHopHealth) {
            self.route = route
            self.health = Mutex(health)
        }

        func deliver(
            _ claim: Claim, body: DeliveryBody, _ now: @Sendable () -> Duration
        ) async -> [RouteOutcome] {
            if let refusal = health.withLock({ $0.refusal(at: now()) }) {
                return claim.recipients.map { _ in .deferred(refusal) }
            }
            let outcomes = await route.deliver(claim, body: body)
            let failure = outcomes.allSatisfy(\.mayGoElsewhere) ? outcomes.first?.failure : nil
            health.withLock { $0.note(failure, at: now()) }
            return outcomes
        }
    }
}

extension RouteOutcome {
    /// Whether another next hop may be tried at once.
    var mayGoElsewhere: Bool {
        if case .deferred(let failure) = self { failure.concernsNextHop } else { false }
    }

    /// Why the recipient was not reached.
    var failure: DeliveryFailure? {
        switch self {
        case .delivered: nil
        case .deferred(let failure), .failed(let failure): failure
        }
    }
}

extension DeliveryFailure {
    /// For a list of none, which nobody makes.
    fileprivate static let noNextHop = DeliveryFailure(code: "4.3.5", reason: "no next hop", concernsNextHop: true)
}
