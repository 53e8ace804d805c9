import NIOCore
public import PosternClient
import PosternConnection
import PosternMail
public import PosternQueue
import ServiceLifecycle
import Synchronization

/// `HOST:PORT` and `lmtp:` bring each message on to another server.
public struct SMTPRoute: Route {
    private let client: NextHopClient

    public init(to client: NextHopClient) {
        self.client = client
    }

    /// `smtp` or `lmtp`.
    public var name: String { client.dialect == .lmtp ? "lmtp" : "smtp" }

    public func deliver(_ claim: Claim, body: DeliveryBody) async -> [RouteOutcome] {
        let content: Content
        switch await BlockingWork.run({ Content.examine(body) }) {
        case .success(let examined): content = examined
        case .failure(let error): return claim.recipients.map { _ in .deferred(DeliveryFailure(unreadable: error)) }
        }
        var outcomes = [RouteOutcome?](repeating: nil, count: claim.recipients.count)
        while true {
            let next = outcomes.indices.filter { outcomes[$0] == nil }.prefix(Consignment.recipientLimit)
            guard !next.isEmpty else { return outcomes.compactMap(\.self) }
            let results = await deliver(claim.message, content, to: next.map { claim.recipients[$0].recipient })
            for (index, outcome) in zip(next, results) { outcomes[index] = outcome }
            guard let last = results.lazy.compactMap(\.self).last, last.allowsMore else {
                // The next hop is not to be spoken to: what it said of these holds for the others.
                return outcomes.map { $0 ?? results.lazy.compactMap(\.self).last ?? .deferred(.untried) }
            }
        }
    }

    /// - Returns: for each recipient its outcome, or nil if it is for another transaction.
    private func deliver(
        _ message: QueuedMessage, _ content: Content, to recipients: [Recipient]
    ) async -> [RouteOutcome?] {
        let body = content.holdsEightBit ? Envelope.Body.eightBit : .sevenBit
        guard
            let envelope = Envelope(
                reversePath: message.reversePath, recipients: recipients, body: body,
                returnedContent: message.returnedContent, id: message.envelopeID)
        else { return [] }
        let outgoing = OutgoingMessage(envelope, length: content.length)
        switch await BodyReading.open(content.body) {
        case .success(let reading):
            let results = await withGracefulShutdownHandler {
                await client.deliver(outgoing) { await reading.next() }
            } onGracefulShutdown: {
                client.giveUpConnecting()
            }
            return results.map { RouteOutcome($0, at: client.endpoint, over: client.dialect) }
        case .failure(let error):
            return recipients.map { _ in .deferred(DeliveryFailure(unreadable: error)) }
        }
    }
}

/// A message's content as the next hop must be told of it.
private struct Content: Sendable {
    let body: StoredBody
    let length: Int
    /// Whatever the client said: many send 8-bit content without a word of it, or say 8BITMIME of every message, and a
    /// next hop without it can take what is 7-bit all the same (RFC 6152 §3).
    let holdsEightBit: Bool

    /// Reads all of it once, so that it is known before MAIL; it is in the page cache for the second reading. Blocks.
    static func examine(_ body: DeliveryBody) -> Result<Content, QueueError> {
        do throws(QueueError) {
            let stored = try body.stored()
            var reader = try stored.reader()
            var length = 0
            var holdsEightBit = false
            while let piece = try reader.next() {
                length += piece.readableBytes
                holdsEightBit = holdsEightBit || piece.withUnsafeReadableBytes { $0.holdsEightBit }
            }
            return .success(Content(body: stored, length: length, holdsEightBit: holdsEightBit))
        } catch {
            return .failure(error)
        }
    }
}

/// One reading of a body from its start, a piece at a call. Where it is in memory nothing waits for another thread.
private final class BodyReading: Sendable {
    private let reader: Mutex<BodyReader>
    private let isInMemory: Bool

    private init(_ reader: consuming sending BodyReader, isInMemory: Bool) {
        self.reader = Mutex(reader)
        self.isInMemory = isInMemory
    }

    static func open(_ body: StoredBody) async -> Result<BodyReading, QueueError> {
        if case .inline = body { return opened(body, isInMemory: true) }
        return await BlockingWork.run { opened(body, isInMemory: false) }
    }

    func next() async -> BodyPiece {
        isInMemory ? piece() : await BlockingWork.run { self.piece() }
    }

    private static func opened(_ body: StoredBody, isInMemory: Bool) -> Result<BodyReading, QueueError> {
        do throws(QueueError) {
            return .success(BodyReading(try body.reader(), isInMemory: isInMemory))
        } catch {
            return .failure(error)
        }
    }

    private func piece() -> BodyPiece {
        reader.withLock { reader in
            do throws(QueueError) {
                guard let octets = try reader.next() else { return .end }
                return isInMemory ? .last(octets) : .octets(octets)
            } catch {
                return .unreadable(reason: DeliveryFailure(unreadable: error).reason)
            }
        }
    }
}

extension RouteOutcome {
    /// Nil for a recipient that is for another transaction.
    fileprivate init?(_ result: RecipientResult, at endpoint: ClientEndpoint, over dialect: ClientSettings.Dialect) {
        switch result {
        case .untried: return nil
        case .delivered(let reply, let offersDSN):
            let said = DeliveryReport.RemoteReply(text: reply.summary, host: endpoint.reportedName)
            let handover: Handover = offersDSN ? .passedOn : dialect == .lmtp ? .final(said) : .relayed(said)
            self = .delivered(to: "\(endpoint) (\(reply.summary))", handover)
        case .deferred(let failure) where failure.isGivenUp:
            self = .postponed(DeliveryFailure(failure, at: endpoint), for: .zero)
        case .deferred(let failure): self = .deferred(DeliveryFailure(failure, at: endpoint))
        case .failed(let failure): self = .failed(DeliveryFailure(failure, at: endpoint))
        }
    }

    /// Whether another transaction with this next hop makes sense.
    fileprivate var allowsMore: Bool {
        switch self {
        case .deferred(let failure): !failure.concernsNextHop
        case .postponed: false
        case .delivered, .failed: true
        }
    }
}

extension DeliveryFailure {
    fileprivate init(_ failure: ClientFailure, at endpoint: ClientEndpoint) {
        let reply = failure.reply.map { DeliveryReport.RemoteReply(text: $0, host: endpoint.reportedName) }
        self.init(
            code: failure.code, reason: "\(endpoint): \(failure)", reply: reply,
            concernsNextHop: failure.concernsNextHop, isUncertain: failure.isUncertain)
    }

    /// For a recipient of whom a transaction has said nothing, which none does.
    fileprivate static let untried = DeliveryFailure(code: "4.5.0", reason: "no transaction has named the recipient")
}
