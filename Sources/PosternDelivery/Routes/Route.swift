public import PosternMail
public import PosternQueue

/// A way to the next hop. To add one: a file in this folder with a type that conforms, and the suite that every route
/// passes.
public protocol Route: Sendable {
    /// In the words of the configuration and the log: `maildir`.
    var name: String { get }

    /// Tries to deliver a message to all recipients of its claim. When the task is cancelled, whatever waits for others
    /// ends soon.
    ///
    /// A crash may come between this and the settlement; the same recipient is then tried again with a higher attempt.
    /// - Returns: one outcome for each recipient, in their order. `delivered` only if the next hop can be relied on to
    ///   have the message: for a disk, after the syncs.
    func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome]

    /// The same for a route that never waits and needs no body; nil where `deliver` is to be called. Called on the writer's
    /// thread; must not block.
    func deliverAtOnce(_ claim: Claim) -> [RouteOutcome]?
}

extension Route {
    public func deliverAtOnce(_ claim: Claim) -> [RouteOutcome]? { nil }
}

/// How the attempt for one recipient ended.
public enum RouteOutcome: Hashable, Sendable {
    /// Where it went, for the log.
    case delivered(to: String, Handover = .final())
    /// Try again later.
    case deferred(DeliveryFailure)
    /// Never try again.
    case failed(DeliveryFailure)
    /// Nothing was tried: worth looking at again after that time, and no attempt.
    case postponed(DeliveryFailure, for: Duration)
}

/// Who tells a sender of a delivery, if that sender wants to hear of it (RFC 3461 §5.2).
public enum Handover: Hashable, Sendable {
    /// We: the message is where it belongs. With the answer of an LMTP server, where there was one.
    case final(DeliveryReport.RemoteReply? = nil)
    /// We, as far as we know: the next hop, which gave this reply, tells nothing.
    case relayed(DeliveryReport.RemoteReply)
    /// The next hop, which was told of the wish.
    case passedOn
}

/// Why a recipient was not reached.
public struct DeliveryFailure: Hashable, Sendable, CustomStringConvertible {
    /// The enhanced status code (RFC 3463): `4.3.1`.
    public let code: String
    /// What was expected, what came, and what to do.
    public let reason: String
    /// What a next hop said; nil where it said nothing.
    public let reply: DeliveryReport.RemoteReply?
    /// The next hop is to blame and not the message, of which it has nothing yet: another one may be tried at once.
    public let concernsNextHop: Bool
    /// R6: the whole message went out and no answer came, so the next attempt may double it.
    public let isUncertain: Bool

    public init(
        code: String, reason: String, reply: DeliveryReport.RemoteReply? = nil, concernsNextHop: Bool = false,
        isUncertain: Bool = false
    ) {
        self.code = code
        self.reason = reason
        self.reply = reply
        self.concernsNextHop = concernsNextHop
        self.isUncertain = isUncertain
    }

    public var description: String { "\(code) \(reason)" }

    init(unreadable error: QueueError) {
        self.init(code: "4.3.0", reason: "the queue cannot give the message: \(error)")
    }
}

/// The octets of the message under way, fetched when a route wants them.
public struct DeliveryBody: Sendable {
    private let fetch: @Sendable () throws(QueueError) -> StoredBody

    package init(_ fetch: @escaping @Sendable () throws(QueueError) -> StoredBody) {
        self.fetch = fetch
    }

    /// The body, which can be read any number of times while the claim lasts. Blocks.
    public func stored() throws(QueueError) -> StoredBody { try fetch() }
}
