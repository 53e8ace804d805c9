public import PosternQueue

/// `discard:` takes every message and keeps none: for measurements and for trying things out.
public struct DiscardRoute: Route {
    public let name = "discard"

    public init() {}

    public func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        claim.recipients.map { _ in .delivered(to: "nowhere") }
    }
}
