import PosternIdentity
import PosternMail
import PosternSMTP

/// MAIL, RCPT and DATA, up to the message's safety. BDAT is in `Chunks.swift`.
extension Session {
    func mail(
        _ path: ReversePath, _ parameters: MailParameters, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        switch submitter(dialogue, surroundings) {
        case .refused(let refusal, let authentication, let record):
            var dialogue = dialogue
            dialogue.authentication = authentication
            if let record { actions.append(.log(.authenticationRefused(record))) }
            return refuse(refusal, of: .mail, dialogue, surroundings, &actions)
        case .ended(let refusal):
            return close(refusal, .commanding(dialogue), &actions)
        case .accepted(let submitter):
            if let refusal = refusal(of: path, parameters, by: submitter.account, surroundings) {
                return refuse(refusal, of: .mail, dialogue, surroundings, &actions)
            }
            var dialogue = dialogue
            if let record = submitter.record { actions.append(.log(.authenticated(record))) }
            dialogue.authentication = submitter.authentication
            dialogue.transaction = .envelope(
                MailTransaction(
                    submitter.identity, sequence: submitter.sequence, isAuthenticated: submitter.isAuthenticated,
                    from: path, parameters))
            return accept(Reply(250, .init(1, 0), "sender accepted"), to: .mail, dialogue, &actions)
        }
    }

    private func refusal(
        of path: ReversePath, _ parameters: MailParameters, by account: Account, _ surroundings: Surroundings
    ) -> Refusal? {
        let limit = surroundings.settings.limits.message
        // RFC 1870 §6.1.
        if let size = parameters.size, size > limit { return .declaredTooLarge(limit: limit) }
        // A client that would find no room at the end of its message hears it before it sends one.
        guard surroundings.hasRoom else { return .noRoom }
        // RFC 6409 §3.2: the null path is never refused for being empty.
        guard case .mailbox(let sender) = path else { return nil }
        // RFC 6409 §4.2.
        if let domain = sender.domain, !domain.isFullyQualified { return .senderNotQualified }
        return account.maySend(as: sender) ? nil : .senderNotPermitted
    }

    func rcpt(
        _ path: ForwardPath, _ parameters: RecipientParameters, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        let settings = surroundings.settings
        let recipient: Mailbox
        switch path {
        case .postmaster: recipient = settings.postmaster
        case .mailbox(let mailbox): recipient = isOwnPostmaster(mailbox, settings) ? settings.postmaster : mailbox
        }
        if let domain = recipient.domain, !domain.isFullyQualified {
            return refuse(.recipientNotQualified, of: .rcpt, dialogue, surroundings, &actions)
        }
        var dialogue = dialogue
        guard case .envelope(var transaction) = dialogue.transaction else {
            return refuse(.mailRequired, of: .rcpt, dialogue, surroundings, &actions)
        }
        // RFC 5321 §4.5.3.1.10: those before stay.
        guard transaction.contains(recipient) || transaction.recipients.count < settings.limits.recipients
        else {
            let refusal = Refusal.tooManyRecipients(limit: settings.limits.recipients)
            return refuse(refusal, of: .rcpt, dialogue, surroundings, &actions)
        }
        dialogue.transaction = nil
        transaction.add(
            Recipient(recipient, notify: parameters.notify, originalRecipient: parameters.originalRecipient))
        dialogue.transaction = .envelope(transaction)
        return accept(Reply(250, .init(1, 5), "recipient accepted"), to: .rcpt, dialogue, &actions)
    }

    /// RFC 5321 §4.5.1: postmaster in any case of letters, of this host too.
    private func isOwnPostmaster(_ mailbox: Mailbox, _ settings: Settings) -> Bool {
        mailbox.domain == settings.hostname && mailbox.localPart.asciiLowercased == "postmaster"
    }

    func data(_ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions) -> State {
        guard case .envelope(let mail) = dialogue.transaction, let transaction = mail.addressed else {
            return refuse(.recipientRequired, of: .data, dialogue, surroundings, &actions)
        }
        var dialogue = dialogue
        dialogue.transaction = nil
        actions.append(.openBody)
        return .openingBody(dialogue, transaction, nil)
    }

    func bodyOpened(
        _ id: QueueID, _ dialogue: Dialogue, _ transaction: AddressedTransaction, _ chunk: Chunk?,
        _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        guard let hello = dialogue.hello else {
            actions.append(.discardBody)
            return refuse(.helloRequired, of: .data, dialogue, surroundings, &actions)
        }
        let settings = surroundings.settings
        let received = surroundings.now.wall
        let trace = Trace(
            client: hello, clientAddress: connection.clientAddress, account: transaction.identity.account,
            isAuthenticated: transaction.isAuthenticated, hostname: settings.hostname, id: id,
            envelope: transaction.envelope, received: received)
        let fixUps = FixUps(id: id, hostname: settings.hostname, received: received)
        let account = surroundings.snapshot.account(named: transaction.identity.account)
        let reception = Reception(
            transaction, by: chunk == nil ? .dots : .chunks,
            bareLineEnds: account?.bareLineEnds ?? settings.listener.bareLineEnds, id: id, trace: trace, fixUps: fixUps,
            limits: settings.limits)
        if let chunk { return take(chunk, into: reception, dialogue, surroundings, &actions) }
        actions.append(.send(Reply(354, "send the message; end with a dot on a line of its own"), to: .data))
        return .receiving(dialogue, reception)
    }

    /// - Parameter verb: the command by which the message came.
    func endOfData(
        _ reception: Reception, by verb: Verb, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        if let refusal = reception.refusal {
            return refuse(refusal, of: verb, dialogue, surroundings, &actions)
        }
        let transaction = reception.transaction
        let submission = Submission(
            id: reception.id, envelope: transaction.envelope, account: transaction.identity.account,
            sequence: transaction.sequence, size: reception.written, received: reception.trace.received)
        actions.append(.store(submission))
        return .storing(dialogue, submission, verb)
    }

    /// RFC 5321 §4.1.1.4, §4.2.5: with this reply the message is this server's responsibility.
    func stored(
        _ submission: Submission, by verb: Verb, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        var dialogue = dialogue
        dialogue.errors = 0
        actions.append(.log(.accepted(submission)))
        return accept(Reply(250, .init(0, 0), "queued as \(submission.id)"), to: verb, dialogue, &actions)
    }
}
