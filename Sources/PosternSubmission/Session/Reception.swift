import NIOCore
import PosternMail
import PosternSMTP

/// A message on its way in, from 354 to the end of data or from the first chunk to the last: its header is held until it is whole and mended, everything
/// behind it passes on as it comes.
struct Reception {
    let transaction: AddressedTransaction
    let id: QueueID
    let trace: Trace
    let fixUps: FixUps
    let limits: Limits

    /// Octets handed on, added fields included.
    private(set) var written = 0
    /// Octets of the chunks that have come, or are coming.
    private(set) var announced = 0

    private var headerRefusal: Refusal?
    private var decoder: DataDecoder
    private var header: ByteBuffer? = ByteBuffer()
    private var searched = 0

    init(
        _ transaction: AddressedTransaction, by framing: DataDecoder.Framing, bareLineEnds: BareLineEnds, id: QueueID,
        trace: Trace, fixUps: FixUps, limits: Limits
    ) {
        self.transaction = transaction
        self.id = id
        self.trace = trace
        self.fixUps = fixUps
        self.limits = limits
        decoder = DataDecoder(framing, bareLineEnds: bareLineEnds, lineLimit: limits.textLine)
    }

    /// What forbids to take the message; once there is something its octets are read and dropped, and what the shell has
    /// of it was discarded.
    ///
    /// In this order, not in that of discovery: which was found first depends on the pieces in which the octets came.
    var refusal: Refusal? {
        if decoder.size > limits.message { return .tooLarge(limit: limits.message) }
        return decoder.fault.map(Refusal.content) ?? headerRefusal
    }

    /// Takes octets up to the end of data.
    /// - Returns: whether the end was reached.
    mutating func take(_ input: inout ByteBuffer, _ actions: inout Actions) -> Bool {
        decode(&actions) { decoder, emit in
            let isEnd = decoder.decode(&input, emit: emit)
            return (isEnd, isEnd: isEnd)
        }
    }

    /// A chunk begins.
    mutating func announce(_ chunk: Chunk) {
        announced += chunk.size
    }

    /// Takes octets of the chunk.
    /// - Parameter rest: how many are still to come.
    /// - Returns: how many are to come after these.
    mutating func takeChunk(_ input: inout ByteBuffer, rest: Int, _ actions: inout Actions) -> Int {
        guard var octets = input.readSlice(length: min(rest, input.readableBytes)) else { return rest }
        let left = rest - octets.readableBytes
        return decode(&actions) { decoder, emit in
            _ = decoder.decode(&octets, emit: emit)
            return (left, isEnd: false)
        }
    }

    /// The last chunk has come.
    mutating func endChunks(_ actions: inout Actions) {
        decode(&actions) { decoder, emit in
            decoder.finish(emit: emit)
            return ((), isEnd: true)
        }
    }

    private mutating func decode<Answer>(
        _ actions: inout Actions,
        _ step: (inout DataDecoder, _ emit: (ByteBuffer) -> Void) -> (Answer, isEnd: Bool)
    ) -> Answer {
        let wasRefused = refusal != nil
        var stretches = Actions()
        var decoder = self.decoder
        let (answer, isEnd) = step(&decoder) { stretch in stretches.append(.writeBody(stretch)) }
        self.decoder = decoder
        for case .writeBody(let stretch) in stretches where refusal == nil { pass(stretch, &actions) }
        if isEnd, refusal == nil, header != nil { endHeader(at: nil, &actions) }
        if refusal != nil, !wasRefused { discard(&actions) }
        return answer
    }

    /// A refused message is read to its end, which may be far: until then it takes neither a file nor memory.
    private mutating func discard(_ actions: inout Actions) {
        header = nil
        actions.append(.discardBody)
    }

    private mutating func pass(_ stretch: ByteBuffer, _ actions: inout Actions) {
        guard header != nil else { return write(stretch, &actions) }
        var stretch = stretch
        header?.writeBuffer(&stretch)
        if let end = endOfHeader() {
            endHeader(at: end, &actions)
        } else if let header, header.readableBytes >= limits.header + 2 {
            // The empty line's CRLF would be in these two octets.
            refuseHeader(.headerTooLarge(limit: limits.header))
        }
    }

    private mutating func write(_ octets: ByteBuffer, _ actions: inout Actions) {
        guard octets.readableBytes > 0, refusal == nil else { return }
        written += octets.readableBytes
        actions.append(.writeBody(octets))
    }

    /// How many octets the header's lines take, the empty line not counted; nil while that line has not come.
    private mutating func endOfHeader() -> Int? {
        guard let header else { return nil }
        let end: Int? = header.withUnsafeReadableBytes { octets in
            func isEmptyLine(at index: Int) -> Bool {
                index + 1 < octets.count && octets[index] == .carriageReturn && octets[index + 1] == .lineFeed
            }
            if isEmptyLine(at: 0) { return 0 }
            var index = octets.place(of: .lineFeed, from: searched)
            while index < octets.count {
                if isEmptyLine(at: index + 1) { return index + 1 }
                index = octets.place(of: .lineFeed, from: index + 1)
            }
            return nil
        }
        if end == nil { searched = max(0, header.readableBytes - 3) }
        return end
    }

    /// - Parameter end: where the empty line stands; nil where the message ended without one.
    private mutating func endHeader(at end: Int?, _ actions: inout Actions) {
        guard var octets = header else { return }
        let lines = octets.readBytes(length: end ?? octets.readableBytes) ?? []
        guard lines.count <= limits.header else { return refuseHeader(.headerTooLarge(limit: limits.header)) }
        let block = HeaderBlock(lines)
        guard block.fields.count <= limits.headerFields else {
            return refuseHeader(.tooManyFields(limit: limits.headerFields))
        }
        guard block.count(of: "received") <= limits.receivedLines else {
            return refuseHeader(.loop(limit: limits.receivedLines))
        }
        header = nil
        write(ByteBuffer(bytes: fixUps.header(of: block, behind: trace)), &actions)
        // A message that began with its body keeps the empty line that seemed to end its header.
        if end != nil, block.remainder.isEmpty { octets.moveReaderIndex(forwardBy: 2) }
        write(octets, &actions)
    }

    private mutating func refuseHeader(_ refusal: Refusal) {
        headerRefusal = refusal
        header = nil
    }
}
