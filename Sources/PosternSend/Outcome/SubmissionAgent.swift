public import PosternMail

/// Whoever can try to send a message: the client, or in a test somebody who says what is to happen.
public protocol SubmissionAgent: Sendable {
    func submit(_ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool) async -> SendOutcome
    /// Says goodbye on what is still open.
    func close() async
}

extension SubmissionAgent {
    /// Sends to all of them, or where these are more than the server takes at a time, to so many after so many (RFC 5321
    /// §4.5.3.1.10). "All or nobody" holds for each part alone then: no server takes it for them together.
    func submitInParts(
        _ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool
    ) async -> SendOutcome {
        let whole = await submit(content, envelope, acceptsSomeRecipients: acceptsSomeRecipients)
        guard let size = whole.recipientsAtATime, size > 0, size < envelope.recipients.count, whole.accepted.isEmpty
        else { return whole }
        var result = whole
        result.recipients = []
        var rest = envelope.recipients[...]
        while let part = envelope.narrowed(to: rest.prefix(size)) {
            let outcome = await submit(content, part, acceptsSomeRecipients: acceptsSomeRecipients)
            result = result.followed(by: outcome)
            rest = rest.dropFirst(size)
            // The next part would wait for the same.
            if outcome.isNoFaultOfMessage || outcome.isUncertain { break }
        }
        result.recipients += rest.map { .init($0.mailbox, .deferred, "not tried") }
        return result
    }
}

extension Envelope {
    /// The same for some of the recipients; nil for none.
    func narrowed(to recipients: some Sequence<Recipient>) -> Envelope? {
        Envelope(
            reversePath: reversePath, recipients: Array(recipients), body: body, returnedContent: returnedContent,
            id: id)
    }
}

extension SendOutcome {
    /// What became of the parts together. The words are of the newest, or of one that did not go.
    fileprivate func followed(by next: SendOutcome) -> SendOutcome {
        let hasFailed = recipients.contains { $0.fate != .accepted }
        var result = hasFailed ? self : next
        result.recipients = recipients + next.recipients
        result.isNoFaultOfMessage = next.isNoFaultOfMessage
        result.recipientsAtATime = nil
        result.transcript = transcript + next.transcript
        return result
    }
}
