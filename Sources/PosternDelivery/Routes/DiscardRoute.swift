public import PosternQueue

/// `discard:` takes every message and keeps none: for measurements and for trying things out.
public struct DiscardRoute: Route {
    public let name = "discard"

    public init() {}

    public func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] { outcomes(of: claim) }

    public func deliverAtOnce(_ claim: Claim) -> [RouteOutcome]? { outcomes(of: claim) }

    private func outcomes(of claim: Claim) -> [RouteOutcome] {
        claim.recipients.map { _ in .delivered(to: "nowhere") }
    }
}
