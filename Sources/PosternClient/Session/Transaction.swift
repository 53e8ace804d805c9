import NIOCore
import PosternConnection
import PosternMail
import PosternSMTP

/// One mail transaction as its client sees it (RFC 5321 §3.3, RFC 2920, RFC 2033 §4.2): a machine inside of the
/// session's.
struct Transaction: Hashable, Sendable {
    /// A command of the envelope.
    private enum Command: Hashable, Sendable {
        case mail
        case recipient(Int)
        case data
    }

    private enum Stage: Hashable, Sendable {
        /// Commands that were sent, first the one that is answered next, and those that were not yet.
        case envelope(awaited: [Command], unsent: [Command])
        case content(DataEncoder)
        /// RFC 3030 §2: chunks were sent, so many of whose replies are due. What is encoded waits until it is known whether
        /// it is the last.
        case chunks(DataEncoder, waiting: ByteBuffer, unanswered: Int)
        /// The last chunk was sent.
        case chunksSent(unanswered: Int, awaited: [Int])
        /// The end of data was sent; the recipients whose reply is still to come, in LMTP one after another.
        case ending(awaited: [Int])
        /// RFC 2920 §3.1: DATA was taken although there is nobody to deliver to. An empty message ends it, and whatever
        /// is said to that is of no meaning.
        case discarding
    }

    /// How far it came with one event.
    enum Progress: Hashable, Sendable {
        case going
        /// Every recipient has a result; RSET must come before the next transaction, or need not.
        case done(needsReset: Bool)
        /// The connection can be used no longer.
        case broken(ClientFailure)
    }

    let message: OutgoingMessage
    private let isLMTP: Bool
    private let isPipelined: Bool
    private let offersDSN: Bool
    /// Without pipelining each chunk would be a round trip of its own.
    private let usesChunks: Bool
    /// Of MAIL.
    private let parameters: String
    private var results: [RecipientResult?]
    private var stage: Stage
    private var isMailAccepted = false

    init(
        _ message: OutgoingMessage, to capabilities: ServerCapabilities, dialect: ClientSettings.Dialect,
        disclaims: Bool
    ) {
        self.message = message
        isLMTP = dialect == .lmtp
        isPipelined = capabilities.offersPipelining
        offersDSN = capabilities.offersDSN
        usesChunks = capabilities.offersChunking && capabilities.offersPipelining
        var parameters = Self.parameters(of: message, to: capabilities)
        if disclaims { parameters += " AUTH=<>" }
        self.parameters = parameters
        results = Self.untried(message.envelope.recipients.map(\.mailbox), in: capabilities)
        let recipients = results.indices.filter { [results] in results[$0] == nil }
        stage = .envelope(
            awaited: [], unsent: [.mail] + recipients.map(Command.recipient) + (usesChunks ? [] : [.data]))
    }

    private static func parameters(of message: OutgoingMessage, to capabilities: ServerCapabilities) -> String {
        let envelope = message.envelope
        var parameters = ""
        if capabilities.offersSize, let length = message.length { parameters += " SIZE=\(length)" }
        if envelope.body == .eightBit { parameters += " BODY=8BITMIME" }
        if message.needsInternationalMail { parameters += " SMTPUTF8" }
        guard capabilities.offersDSN else { return parameters }
        // SUB-189: unchanged, and what was not said stays unsaid.
        if let content = envelope.returnedContent { parameters += " RET=\(content.rawValue)" }
        if let id = envelope.id { parameters += " ENVID=\(id.xtext)" }
        return parameters
    }

    /// SUB-183, RFC 9422 §4.2, §4.3: nil for those that the server takes in one transaction, at least the first.
    private static func untried(_ recipients: [Mailbox], in capabilities: ServerCapabilities) -> [RecipientResult?] {
        var count = 0
        var hosts: Set<Mailbox.Host> = []
        return recipients.map { recipient in
            let isNew = !hosts.contains(recipient.host)
            guard count < capabilities.maximumRecipients ?? .max,
                !isNew || hosts.count < capabilities.maximumRecipientDomains ?? .max
            else { return .untried }
            count += 1
            hosts.insert(recipient.host)
            return nil
        }
    }

    /// Why a server with these capabilities cannot take the message at all.
    static func obstacle(to message: OutgoingMessage, in capabilities: ServerCapabilities) -> ClientFailure? {
        // RFC 6152 §3: 8-bit content must be converted or returned; nothing is converted here.
        if message.envelope.body == .eightBit, !capabilities.offersEightBitMIME {
            let text = "EHLO does not offer 8BITMIME, which the message needs"
            return ClientFailure(code: "5.6.3", text: text, .eightBitNotOffered)
        }
        if message.needsInternationalMail, !capabilities.offersInternationalMail {
            let text = "EHLO does not offer SMTPUTF8, which the message needs"
            return ClientFailure(code: "5.6.7", text: text, .internationalMailNotOffered)
        }
        if let limit = capabilities.maximumSize, let length = message.length, length > limit {
            let text = "EHLO offers SIZE \(limit), the message has \(length) octets"
            return ClientFailure(code: "5.3.4", text: text, .tooLarge(limit: limit))
        }
        return message.isAllOrNothing ? recipientLimit(message, capabilities) : nil
    }

    private static func recipientLimit(
        _ message: OutgoingMessage, _ capabilities: ServerCapabilities
    ) -> ClientFailure? {
        let recipients = message.envelope.recipients.map(\.mailbox)
        let fitting = untried(recipients, in: capabilities).count { $0 == nil }
        guard fitting < recipients.count else { return nil }
        let text = "EHLO offers LIMITS, by which \(fitting) of \(recipients.count) recipients can be named at once"
        return ClientFailure(code: "5.5.3", text: text, .tooManyRecipients(limit: fitting))
    }

    /// What is waited for now.
    var step: ClientStep {
        switch stage {
        case .envelope(let awaited, _): awaited.first.map(Self.step) ?? .mail
        case .content, .chunks: .content
        case .chunksSent(let unanswered, _): unanswered > 0 ? .content : .endOfData
        case .ending, .discarding: .endOfData
        }
    }

    /// The results so far; whoever has none is deferred for this reason.
    func results(otherwise failure: ClientFailure) -> [RecipientResult] {
        var failure = failure
        switch stage {
        case .envelope: failure.concernsNextHop = true
        // Whoever says 421 to the end of data says that it has not taken the message.
        case .ending, .chunksSent: failure.isUncertain = failure.reply == nil
        case .content, .chunks, .discarding: break
        }
        return results.map { $0 ?? .deferred(failure) }
    }

    // MARK: Events

    /// Sends what may be sent of the envelope: with PIPELINING all, else a command when nothing is awaited.
    mutating func advance(_ actions: inout [ClientSession.Action]) {
        guard case .envelope(let awaited, let unsent) = stage, isPipelined || awaited.isEmpty, !unsent.isEmpty else {
            return
        }
        let now = isPipelined ? pipelined(unsent, awaited) : unsent.prefix(1)
        guard !now.isEmpty else { return }
        var lines = ByteBuffer()
        for command in now { lines.writeString(line(command)) }
        stage = .envelope(awaited: awaited + now, unsent: Array(unsent.dropFirst(now.count)))
        actions.append(.send(lines))
    }

    /// DATA cannot be taken back. Where nothing is to be sent unless all are taken, it waits for their replies; of a single
    /// recipient's refusal RFC 2920 §3.1 has taken care.
    private func pipelined(_ unsent: [Command], _ awaited: [Command]) -> ArraySlice<Command> {
        guard message.isAllOrNothing, results.count > 1, unsent.last == .data else { return unsent[...] }
        return unsent == [.data] && awaited.isEmpty ? unsent[...] : unsent.dropLast()
    }

    mutating func receive(_ reply: Reply, _ actions: inout [ClientSession.Action]) -> Progress {
        // RFC 5321 §3.8: 421 closes, whatever it answers.
        guard reply.code != 421 else { return .broken(ClientFailure(step, answered: reply, isPermanent: false)) }
        switch stage {
        case .envelope(var awaited, let unsent):
            guard let command = awaited.first else { return .broken(unexpected(reply)) }
            awaited.removeFirst()
            stage = .envelope(awaited: awaited, unsent: unsent)
            return answer(command, reply, &actions)
        case .content:
            // Nobody may answer before the end; who does wants no more of it, and what was sent cannot be taken back.
            guard reply.isRefusal else { return .broken(unexpected(reply)) }
            settleOpen(with: reply, at: .content)
            return .broken(ClientFailure(.content, answered: reply, isPermanent: false))
        case .chunks(let encoder, let waiting, let unanswered) where unanswered > 0 && reply.isPositive:
            stage = .chunks(encoder, waiting: waiting, unanswered: unanswered - 1)
            return .going
        case .chunksSent(let unanswered, let awaited) where unanswered > 0 && reply.isPositive:
            stage =
                unanswered > 1 ? .chunksSent(unanswered: unanswered - 1, awaited: awaited) : .ending(awaited: awaited)
            return .going
        case .chunks, .chunksSent:
            // A refused chunk is the message's end; the connection is not waited for, whose other chunks are refused too.
            guard reply.isRefusal else { return .broken(unexpected(reply)) }
            settleOpen(with: reply, at: .content)
            return .broken(ClientFailure(.content, answered: reply, isPermanent: false))
        case .ending(let awaited):
            return end(awaited, reply)
        case .discarding:
            return .done(needsReset: false)
        }
    }

    /// The next piece of content, for which it asked.
    mutating func receive(_ octets: ByteBuffer, _ actions: inout [ClientSession.Action]) {
        if case .chunks(var encoder, let waiting, let unanswered) = stage {
            let encoded = encoder.encode(octets)
            let sent = send(waiting, isLast: false, &actions)
            stage = .chunks(encoder, waiting: encoded, unanswered: unanswered + sent)
            return actions.append(.wantBody)
        }
        guard case .content(var encoder) = stage else { return }
        let encoded = encoder.encode(octets)
        stage = .content(encoder)
        if encoded.readableBytes > 0 { actions.append(.send(encoded)) }
        actions.append(.wantBody)
    }

    /// The same, with the end behind it: both go out together.
    mutating func receiveLast(_ octets: ByteBuffer, _ actions: inout [ClientSession.Action]) {
        switch stage {
        case .chunks(var encoder, var waiting, let unanswered):
            waiting.writeImmutableBuffer(encoder.encode(octets))
            stage = .chunks(encoder, waiting: waiting, unanswered: unanswered)
            receiveEnd(&actions)
        case .content(var encoder):
            var encoded = encoder.encode(octets)
            encoded.writeImmutableBuffer(encoder.finish())
            actions.append(.send(encoded))
            stage = .ending(awaited: open)
        case .envelope, .chunksSent, .ending, .discarding:
            break
        }
    }

    mutating func receiveEnd(_ actions: inout [ClientSession.Action]) {
        if case .chunks(let encoder, var waiting, let unanswered) = stage {
            waiting.writeImmutableBuffer(encoder.finish())
            _ = send(waiting, isLast: true, &actions)
            stage = unanswered > 0 ? .chunksSent(unanswered: unanswered, awaited: open) : .ending(awaited: open)
            return
        }
        guard case .content(let encoder) = stage else { return }
        actions.append(.send(encoder.finish()))
        stage = .ending(awaited: open)
    }

    /// - Returns: how many chunks it came to: an empty one is sent only as the last.
    private func send(_ octets: ByteBuffer, isLast: Bool, _ actions: inout [ClientSession.Action]) -> Int {
        guard isLast || octets.readableBytes > 0 else { return 0 }
        var chunk = ByteBuffer(string: "BDAT \(octets.readableBytes)\(isLast ? " LAST" : "")\r\n")
        chunk.writeImmutableBuffer(octets)
        actions.append(.send(chunk))
        return 1
    }

    // MARK: Replies

    private mutating func answer(_ command: Command, _ reply: Reply, _ actions: inout [ClientSession.Action])
        -> Progress
    {
        switch command {
        case .mail:
            guard reply.isPositive || reply.isRefusal else { return .broken(unexpected(reply, to: .mail)) }
            isMailAccepted = reply.isPositive
            if reply.isRefusal { settleOpen(with: reply, at: .mail) }
        case .recipient(let index):
            guard reply.isPositive || reply.isRefusal else { return .broken(unexpected(reply, to: .recipient)) }
            if reply.isRefusal, results[index] == nil { results[index] = Self.refused(.recipient, reply) }
        case .data:
            return answerData(reply, &actions)
        }
        return goOn(&actions)
    }

    private mutating func goOn(_ actions: inout [ClientSession.Action]) -> Progress {
        guard case .envelope(let awaited, _) = stage else { return .going }
        // Nobody is left: it is over when nothing is under way.
        if open.isEmpty { return awaited.isEmpty ? .done(needsReset: isMailAccepted) : .going }
        if message.isAllOrNothing, awaited.isEmpty, isRefusedInPart {
            for index in open { results[index] = .untried }
            return .done(needsReset: isMailAccepted)
        }
        advance(&actions)
        if usesChunks, case .envelope(let awaited, let unsent) = stage, awaited.isEmpty, unsent.isEmpty {
            stage = .chunks(DataEncoder(.chunks), waiting: ByteBuffer(), unanswered: 0)
            actions.append(.wantBody)
        }
        return .going
    }

    private mutating func answerData(_ reply: Reply, _ actions: inout [ClientSession.Action]) -> Progress {
        switch reply.code {
        case 354 where open.isEmpty:
            actions.append(.send(DataEncoder().finish()))
            stage = .discarding
            return .going
        case 354:
            stage = .content(DataEncoder())
            actions.append(.wantBody)
            return .going
        case 400...:
            settleOpen(with: reply, at: .data)
            return .done(needsReset: isMailAccepted)
        default:
            return .broken(unexpected(reply, to: .data))
        }
    }

    private mutating func end(_ awaited: [Int], _ reply: Reply) -> Progress {
        guard reply.isPositive || reply.isRefusal else { return .broken(unexpected(reply)) }
        let answered = isLMTP ? awaited.prefix(1) : awaited[...]
        for index in answered {
            results[index] =
                reply.isPositive ? .delivered(reply, offersDSN: offersDSN) : Self.refused(.endOfData, reply)
        }
        let rest = Array(awaited.dropFirst(answered.count))
        stage = .ending(awaited: rest)
        return rest.isEmpty ? .done(needsReset: false) : .going
    }

    private mutating func settleOpen(with reply: Reply, at step: ClientStep) {
        for index in open { results[index] = Self.refused(step, reply) }
    }

    /// Whether all were named, and not all were taken.
    private var isRefusedInPart: Bool {
        guard case .envelope(_, let unsent) = stage, unsent.allSatisfy({ $0 == .data }) else { return false }
        return open.count < results.count
    }

    /// The recipients without a result.
    private var open: [Int] { results.indices.filter { results[$0] == nil } }

    private func unexpected(_ reply: Reply, to step: ClientStep? = nil) -> ClientFailure {
        let step = step ?? self.step
        let text = "\(step) was answered \(reply.summary), which is no answer to it"
        return ClientFailure(code: "4.5.0", text: text, .malformed(step))
    }

    private static func refused(_ step: ClientStep, _ reply: Reply) -> RecipientResult {
        // RFC 5321 §4.5.3.1.10: 552 to RCPT is an old word for too many recipients, and means "later". RFC 4954 §6: 530
        // asks for another authentication, which is not the message's fault.
        let isPermanent = reply.code >= 500 && !(step == .recipient && reply.code == 552) && reply.code != 530
        let failure = ClientFailure(step, answered: reply, isPermanent: isPermanent)
        return isPermanent ? .failed(failure) : .deferred(failure)
    }

    private static func step(_ command: Command) -> ClientStep {
        switch command {
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        }
    }

    private func line(_ command: Command) -> String {
        switch command {
        case .mail: "MAIL FROM:\(message.envelope.reversePath)\(parameters)\r\n"
        case .recipient(let index): line(message.envelope.recipients[index])
        case .data: "DATA\r\n"
        }
    }

    private func line(_ recipient: Recipient) -> String {
        var line = "RCPT TO:<\(recipient.mailbox)>"
        if offersDSN {
            if let notify = recipient.notify { line += " NOTIFY=\(notify)" }
            if let original = recipient.originalRecipient { line += " ORCPT=\(original.parameter)" }
        }
        return line + "\r\n"
    }
}
