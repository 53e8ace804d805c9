import PosternMail

/// One caller's wish, and the way to tell it how it went.
indirect enum QueueWork: Sendable {
    case settle(Settlement, @Sendable (Result<Void, QueueError>) -> Void)
    case enqueue(NewMessage, @Sendable (Result<Void, QueueError>) -> Void)
    case claim(at: Timestamp, limit: Int, @Sendable (Result<ClaimedBatch, QueueError>) -> Void)
    case change(QueueChangeRequest, @Sendable (Result<QueueChangeStep, QueueError>) -> Void)
    case probe(at: Timestamp, @Sendable (Result<Void, QueueError>) -> Void)
    case makeRoom

    /// The message that this work would add, whose body may be a file.
    var newMessage: NewMessage? {
        switch self {
        case .enqueue(let message, _): message
        // The bodies of a settlement's reports are in memory.
        case .settle, .claim, .change, .probe, .makeRoom: nil
        }
    }

    /// Whether somebody waits for the answer: a session for its 250, a delivery that could begin.
    var isUrgent: Bool {
        switch self {
        case .settle, .makeRoom: false
        case .enqueue, .claim, .change, .probe: true
        }
    }

    /// Whether it takes more room of the disk than it may give back.
    var isNewMessage: Bool {
        // A probe stands for the message that might come.
        if case .probe = self { true } else { newMessage != nil }
    }

    func fail(_ error: QueueError) {
        switch self {
        case .settle(_, let completion), .enqueue(_, let completion), .probe(_, let completion):
            completion(.failure(error))
        case .claim(_, _, let completion): completion(.failure(error))
        case .change(_, let completion): completion(.failure(error))
        case .makeRoom: break
        }
    }
}

/// One step of an operator's change.
struct QueueChangeRequest: Sendable {
    let change: QueueChange
    let filter: QueueFilter
    let cursor: QueueCursor?
    let limit: Int
    let now: Timestamp
}
