import PosternMail

extension SubmissionClient {
    /// Composes a message, as of this moment, and submits it.
    ///
    /// - Throws: also ``SubmissionError/Reason/message(_:)`` if it cannot be composed; nothing is sent then.
    public func send(
        _ message: Message, recipients: RecipientPolicy = .allOrNothing
    ) async throws(SubmissionError) -> SubmissionReceipt {
        let composed: ComposedMessage
        do {
            composed = try message.composed()
        } catch {
            throw .message(error)
        }
        return try await send(composed, recipients: recipients)
    }

    /// Submits a message that is composed already, so that its Message-ID is known before. It can be sent again, as
    /// the same message.
    public func send(
        _ message: ComposedMessage, recipients: RecipientPolicy = .allOrNothing
    ) async throws(SubmissionError) -> SubmissionReceipt {
        let content = SubmissionContent(
            stream: message.content, length: message.content.length, isEightBit: message.envelope.body == .eightBit,
            hasInternationalHeader: message.needsSMTPUTF8, isRepeatable: true)
        return try await send(content, envelope: message.envelope, recipients: recipients)
    }
}
