import PosternClient

protocol Outbox: Sendable {
    func retry(_ message: ComposedMessage, after time: Duration) async
    func giveUp(_ message: ComposedMessage, because reason: String) async
}

// BEGIN errors
func submit(_ message: ComposedMessage, over mail: SubmissionClient, outbox: some Outbox) async {
    do {
        _ = try await mail.send(message)
    } catch {
        switch error.retry {
        case .later(let time): await outbox.retry(message, after: time ?? .seconds(600))
        case .unsafe: await outbox.giveUp(message, because: "it may have been sent: \(error.detail)")
        case .no: await outbox.giveUp(message, because: "\(error)")
        }
    }
}
// END

// BEGIN partial
func addressesToForget(_ message: Message, over mail: SubmissionClient) async throws(SubmissionError) -> [String] {
    let receipt = try await mail.send(message, recipients: .partial)
    return receipt.recipients.compactMap { recipient in
        guard case .refused(let reply) = recipient.outcome, reply.code >= 500 else { return nil }
        return recipient.mailbox.description
    }
}
// END

// BEGIN reasons
func advice(_ error: SubmissionError) -> String {
    switch error.reason {
    case .portSpeaksTLSAtOnce, .portExpectsSTARTTLS, .startTLSNotOffered: "choose another port"
    case .serverNameMismatch(let names): "the server is \(names.joined(separator: " or "))"
    case .certificateRefused, .certificateNotAccepted: "ask for a new certificate"
    case .recipientsRefused: "correct the address"
    default: error.hint
    }
}
// END
