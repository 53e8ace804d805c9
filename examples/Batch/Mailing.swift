import PosternClient

/// What became of one address.
enum Fate: Sendable {
    case sent(String, reply: String)
    case later(String, reason: String)
    case never(String, reason: String)
    case uncertain(String, reason: String)

    var address: String {
        switch self {
        case .sent(let address, _), .later(let address, _), .never(let address, _), .uncertain(let address, _): address
        }
    }

    var word: String {
        switch self {
        case .sent: "sent"
        case .later: "later"
        case .never: "never"
        case .uncertain: "uncertain"
        }
    }

    var detail: String {
        switch self {
        case .sent(_, let detail), .later(_, let detail), .never(_, let detail), .uncertain(_, let detail): detail
        }
    }

    /// As sysexits has it.
    var status: Int32 {
        switch self {
        case .sent: 0
        case .never, .uncertain: 69
        case .later: 75
        }
    }
}

struct Mailing: Sendable {
    let mail: SubmissionClient
    let from: NamedMailbox

    // BEGIN each
    /// A message of its own for each, a few at a time: twice as many as the pool has connections, so that none is idle.
    func each(_ addresses: [String]) async -> [Fate] {
        await withTaskGroup(of: (Int, Fate).self) { group in
            var fates: [(Int, Fate)] = []
            for (index, address) in addresses.enumerated() {
                if index >= 8, let fate = await group.next() { fates.append(fate) }
                group.addTask { (index, await one(address)) }
            }
            for await fate in group { fates.append(fate) }
            return fates.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func one(_ address: String) async -> Fate {
        do {
            let message = try Message(
                from: from, to: [NamedMailbox(address)], subject: "News", text: "There is news.\n")
            return .sent(address, reply: try await mail.send(message).reply.summary)
        } catch let error as SubmissionError {
            return fate(of: address, error)
        } catch {
            return .never(address, reason: "\(error)")
        }
    }

    private func fate(of address: String, _ error: SubmissionError) -> Fate {
        switch error.retry {
        case .no: .never(address, reason: error.detail)
        case .later: .later(address, reason: error.detail)
        case .unsafe: .uncertain(address, reason: error.detail)
        }
    }
    // END

    // BEGIN together
    /// One message for all, who do not see each other. Each has an outcome of its own.
    func together(_ addresses: [String]) async -> [Fate] {
        do {
            var message = Message(from: from, to: [], subject: "News", text: "There is news.\n")
            message.bcc = try addresses.map { try NamedMailbox($0) }
            return try await mail.send(message, recipients: .partial).recipients.map(fate)
        } catch let error as SubmissionError {
            // Nobody was taken. Where the server has answered for each, that is known too.
            guard error.recipients.isEmpty else { return error.recipients.map(fate) }
            return addresses.map { fate(of: $0, error) }
        } catch {
            return addresses.map { .never($0, reason: "\(error)") }
        }
    }

    private func fate(_ recipient: RecipientReport) -> Fate {
        let address = recipient.mailbox.description
        return switch recipient.outcome {
        case .accepted(let reply): .sent(address, reply: reply.summary)
        case .refused(let reply) where reply.code < 500: .later(address, reason: reply.summary)
        case .refused(let reply): .never(address, reason: reply.summary)
        case .notSent: .later(address, reason: "not sent")
        case .unknown: .uncertain(address, reason: "no answer came")
        }
    }
    // END
}
