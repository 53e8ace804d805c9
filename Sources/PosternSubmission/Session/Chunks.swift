import PosternSMTP

/// BDAT (RFC 3030 §2). The octets of a chunk follow its command whatever the answer is: no chunk is ever taken for
/// commands, and none is answered before all of it has come.
extension Session {
    /// - Parameter refusal: why BDAT is not for this moment.
    func bdat(
        _ chunk: Chunk, _ refusal: Refusal?, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        let limits = surroundings.settings.limits
        guard chunk.size <= limits.abandonedChunk else {
            return close(.chunkEndless(limit: limits.message), .commanding(dialogue), &actions)
        }
        if let refusal { return refuse(chunk, with: refusal, in: dialogue, surroundings, &actions) }
        switch dialogue.transaction {
        case .chunks(let reception) where reception.announced + chunk.size <= limits.message:
            var dialogue = dialogue
            dialogue.transaction = nil
            return take(chunk, into: reception, dialogue, surroundings, &actions)
        case .envelope(let transaction) where chunk.size <= limits.message:
            guard let addressed = transaction.addressed else {
                return refuse(chunk, with: .recipientRequired, in: dialogue, surroundings, &actions)
            }
            var dialogue = dialogue
            dialogue.transaction = nil
            actions.append(.openBody)
            return .openingBody(dialogue, addressed, chunk)
        case .chunks, .envelope:
            return refuse(chunk, with: .tooLarge(limit: limits.message), in: dialogue, surroundings, &actions)
        case .failed, nil:
            return refuse(chunk, with: .mailRequired, in: dialogue, surroundings, &actions)
        }
    }

    func take(
        _ chunk: Chunk, into reception: Reception, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        var reception = reception
        reception.announce(chunk)
        // A chunk may be empty; then nothing is to come that would end it.
        return chunk.size == 0
            ? endOfChunk(chunk, reception, dialogue, surroundings, &actions)
            : .receivingChunk(dialogue, reception, chunk, rest: chunk.size)
    }

    /// What is wrong with the content is told at the message's end, as behind DATA: the pieces in which it comes make no
    /// difference.
    func endOfChunk(
        _ chunk: Chunk, _ reception: Reception, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        var (reception, dialogue) = (reception, dialogue)
        guard chunk.isLast else {
            dialogue.transaction = .chunks(reception)
            return accept(Reply(250, .init(0, 0), "\(chunk.size) octets received"), to: .bdat, dialogue, &actions)
        }
        reception.endChunks(&actions)
        return endOfData(reception, by: .bdat, dialogue, surroundings, &actions)
    }

    /// RFC 3030 §2: the octets of a refused chunk are taken and dropped, then comes the reply. The message cannot become
    /// whole any more, so its other chunks are refused as well.
    func refuse(
        _ chunk: Chunk, with refusal: Refusal, in dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        var dialogue = dialogue
        let wasInTransaction = dialogue.transaction != nil
        endTransaction(&dialogue, &actions)
        if wasInTransaction, !chunk.isLast { dialogue.transaction = .failed }
        guard chunk.size > 0 else { return refuse(refusal, of: .bdat, dialogue, surroundings, &actions) }
        return .swallowing(dialogue, octets: chunk.size, refusal)
    }
}
