import PosternIdentity
import PosternSMTP

/// The beginning and the end of a session, and TLS.
extension Session {
    func open(_ surroundings: Surroundings, _ actions: inout Actions) -> State {
        switch surroundings.settings.listener.tls {
        case .implicit:
            guard input.readableBytes == 0 else { return octetsBesideTLS(&actions) }
            return .securing(since: surroundings.now.monotonic)
        case .startTLS:
            greet(surroundings, &actions)
            return .commanding(Dialogue(.clear))
        }
    }

    /// RFC 3207 §4.2: what was said in clear is forgotten, so the dialogue begins anew.
    func secured(
        _ facts: TLSFacts, since: Duration, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        let dialogue = Dialogue(.secure(facts))
        let summary = CertificateSummary(dialogue.decision(in: surroundings))
        actions.append(.log(.secured(facts.version, summary, took: surroundings.now.monotonic - since)))
        // RFC 8314 §3.3: where TLS comes first, the greeting follows it.
        if surroundings.settings.listener.tls == .implicit { greet(surroundings, &actions) }
        return .commanding(dialogue)
    }

    private func greet(_ surroundings: Surroundings, _ actions: inout Actions) {
        actions.append(.send(Reply(220, "\(surroundings.settings.hostname) ESMTP Postern")))
    }

    /// RFC 3207 §6: octets behind STARTTLS came in clear and would be read as if they had come encrypted. They never
    /// reach the parser, and no 220 is sent for them.
    func startTLS(_ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions) -> State {
        guard input.readableBytes == 0 else { return octetsBesideTLS(&actions) }
        actions.append(.send(Reply(220, .init(0, 0), "ready to start TLS"), to: .startTLS))
        actions.append(.startTLS)
        return .securing(since: surroundings.now.monotonic)
    }

    /// While a handshake is due nothing that came in clear is looked at, now or after it.
    func octetsBesideTLS(_ actions: inout Actions) -> State {
        actions.append(.log(.octetsBehindStartTLS(input.readableBytes)))
        actions.append(.close)
        return .closed
    }

    func tick(_ state: State, _ surroundings: Surroundings, _ actions: inout Actions) -> State {
        guard let deadline = deadline(in: state), surroundings.now.monotonic >= deadline else { return state }
        if case .securing = state {
            actions.append(.log(.handshakeTimedOut(after: surroundings.handshake)))
            actions.append(.close)
            return .closed
        }
        let bounds = surroundings.pace
        if let slowest = pace?.slowest(under: bounds), surroundings.now.monotonic >= slowest {
            return close(.tooSlow(rate: bounds.rate), state, &actions)
        }
        if let end = pace?.end(under: bounds), surroundings.now.monotonic >= end {
            return close(.messageTime, state, &actions)
        }
        return close(.idle, state, &actions)
    }

    /// A session between transactions ends at once; one inside a transaction may finish it.
    mutating func drain(_ state: State, _ actions: inout Actions) -> State {
        isDraining = true
        switch state {
        case .commanding(let dialogue) where !dialogue.isInTransaction: return close(.shutdown, state, &actions)
        case .authenticating: return close(.shutdown, state, &actions)
        case .opening, .securing:
            actions.append(.close)
            return .closed
        default: return state
        }
    }

    /// Ends a session whose client hears nothing more.
    /// - Parameter event: what is told of it, by whether a transaction was open.
    func abandon(_ state: State, _ event: (Bool) -> SessionEvent, _ actions: inout Actions) -> State {
        var next = State.closed
        let isInTransaction: Bool
        dropBody(of: state, &actions)
        switch state {
        case .commanding(let dialogue): isInTransaction = dialogue.isInTransaction
        case .openingBody:
            actions.append(.discardBody)
            isInTransaction = true
        case .receiving, .receivingChunk: isInTransaction = true
        // The message is on its way to the disk, and nobody is there to hear of it. It is delivered: the client, which
        // heard nothing, will send it again (RFC 5321 §4.1.1.4, §6.1).
        case .storing(_, let submission, _):
            isInTransaction = true
            next = .storingForNobody(submission)
        default: isInTransaction = false
        }
        actions.append(.log(event(isInTransaction)))
        actions.append(.close)
        return next
    }

    /// Ends the session with a reply of its own (RFC 5321 §3.8).
    func close(_ refusal: Refusal, _ state: State, _ actions: inout Actions) -> State {
        dropBody(of: state, &actions)
        let reply = refusal.reply(in: connection.id)
        actions.append(.log(.refused(nil, reply)))
        actions.append(.send(reply))
        actions.append(.close)
        return .closed
    }

    /// What has come of a message is of no use any more. That of a refused one was dropped when it was refused.
    private func dropBody(of state: State, _ actions: inout Actions) {
        switch state {
        case .receiving(_, let reception), .receivingChunk(_, let reception, _, _):
            if reception.refusal == nil { actions.append(.discardBody) }
        case .commanding(var dialogue): endTransaction(&dialogue, &actions)
        default: break
        }
    }

    /// The transaction is over, and nothing is kept of it.
    func endTransaction(_ dialogue: inout Dialogue, _ actions: inout Actions) {
        if case .chunks(let reception) = dialogue.transaction, reception.refusal == nil { actions.append(.discardBody) }
        dialogue.transaction = nil
    }

    /// Refuses a command; the session goes on, unless there were too many.
    func refuse(
        _ refusal: Refusal, of verb: Verb?, _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        var dialogue = dialogue
        let reply = refusal.reply(in: connection.id)
        if refusal.isFault(reply) { dialogue.errors += 1 }
        actions.append(.log(.refused(verb, reply)))
        actions.append(.send(reply, to: verb))
        guard dialogue.errors <= surroundings.errors else {
            return close(.tooManyErrors, .commanding(dialogue), &actions)
        }
        return goOn(dialogue, &actions)
    }

    /// Answers a command that was carried out.
    func accept(_ reply: Reply, to verb: Verb, _ dialogue: Dialogue, _ actions: inout Actions) -> State {
        actions.append(.send(reply, to: verb))
        return goOn(dialogue, &actions)
    }

    private func goOn(_ dialogue: Dialogue, _ actions: inout Actions) -> State {
        guard isDraining, !dialogue.isInTransaction else { return .commanding(dialogue) }
        return close(.shutdown, .commanding(dialogue), &actions)
    }
}

extension Refusal {
    /// Whether it counts among the client's faults. 4yz is the server's own trouble; and chunks behind a refused one may
    /// have been on their way already, as many as there were.
    fileprivate func isFault(_ reply: Reply) -> Bool {
        if case .chunkRefused = self { false } else { reply.code >= 500 }
    }
}
