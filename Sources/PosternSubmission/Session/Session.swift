import NIOCore
import PosternIdentity
import PosternMail
import PosternSASL
import PosternSMTP

/// One client's session with the submission server, as a pure machine: events go in, actions come out.
///
/// It opens no socket, reads no clock and never waits. While it awaits the answer to an action (`isWaiting`) it holds
/// what has been read and looks at none of it. The same machine runs under the network, a transcript and a fuzzer.
public struct Session: Sendable {
    // Indirect: a state is handed on many times for each line, and moving what it carries costs more than a box for it
    // (measured).
    indirect enum State: Sendable {
        case opening
        /// A handshake runs; since when.
        case securing(since: Duration)
        case commanding(Dialogue)
        case authenticating(Dialogue, ServerExchange)
        case checkingPassword(Dialogue, ServerExchange)
        /// The chunk is that of BDAT; nil after DATA.
        case openingBody(Dialogue, AddressedTransaction, Chunk?)
        case receiving(Dialogue, Reception)
        /// So many octets of the chunk are still to come.
        case receivingChunk(Dialogue, Reception, Chunk, rest: Int)
        /// By which command the message came.
        case storing(Dialogue, Submission, Verb)
        /// The same, and the client has gone: the message is kept all the same, and the log must know of it.
        case storingForNobody(Submission)
        /// BDAT was refused: so many octets of its chunk are still to come, then the refusal is due.
        case swallowing(Dialogue, octets: Int, Refusal)
        case closed
    }

    let connection: Connection
    var state = State.opening
    var input = ByteBuffer()
    var reader = LineReader()
    var isDraining = false
    /// Of the message that comes.
    var pace: Pace?
    private var lastActivity = Duration.zero
    private var idleLimit = Duration.seconds(300)
    private var handshakeLimit = Duration.seconds(15)
    private var paceBounds = Pace.Bounds(rate: 0, grace: .zero, total: .seconds(86_400))

    public init(_ connection: Connection) {
        self.connection = connection
    }

    /// Whether the session can do nothing with more octets: it awaits an answer, and has enough to look at after it. The
    /// shell reads no more from the client then.
    public var holdsEnough: Bool { isWaiting && input.readableBytes >= Self.enough }

    /// Octets. A client that waits for its replies sends nothing meanwhile, and to stop reading from it costs two calls
    /// of the system for each message (measured).
    private static let enough = 16_384

    /// Whether the session awaits the answer to one of its actions.
    public var isWaiting: Bool {
        switch state {
        case .checkingPassword, .openingBody, .storing: true
        case .opening, .securing, .commanding, .authenticating, .receiving, .receivingChunk, .swallowing,
            .storingForNobody, .closed:
            false
        }
    }

    /// Whether a TLS handshake is to come or under way.
    public var isSecuring: Bool {
        if case .securing = state { true } else { false }
    }

    /// Whether the session is over.
    public var isClosed: Bool {
        switch state {
        case .closed, .storingForNobody: true
        default: false
        }
    }

    /// When, on the monotonic clock, a `.tick` will find that the client has been silent for too long. Nil while it is
    /// not the client's turn.
    public var deadline: Duration? { deadline(in: state) }

    func deadline(in state: State) -> Duration? {
        switch state {
        case .securing(let since): since + handshakeLimit
        case .commanding, .authenticating, .receiving, .receivingChunk, .swallowing:
            pace.map { min(lastActivity + idleLimit, $0.deadline(under: paceBounds)) } ?? lastActivity + idleLimit
        case .opening, .checkingPassword, .openingBody, .storing, .storingForNobody, .closed: nil
        }
    }

    /// Takes an event and says what is to be done about it.
    public mutating func receive(_ event: Event, in surroundings: Surroundings) -> Actions {
        var actions = Actions()
        idleLimit = surroundings.idle
        handshakeLimit = surroundings.handshake
        paceBounds = surroundings.pace
        if case .bytes(let octets) = event { hold(octets) }
        // The state is taken out while its successor is made: what is not given back is gone, and payloads are moved,
        // not copied.
        let previous = state
        state = .closed
        state = next(after: previous, event, surroundings, &actions)
        while takeInput(surroundings, &actions) {}
        letGoOfInput()
        noteActivity(event, actions, at: surroundings.now.monotonic)
        return actions
    }

    /// Octets that are no whole line yet win a client no time: whoever sends one each minute is silent.
    private mutating func noteActivity(_ event: Event, _ actions: Actions, at now: Duration) {
        let isTransfer = isTransfer
        switch event {
        case .tick: break
        case .bytes where !isTransfer && actions.isEmpty: break
        default: lastActivity = now
        }
        if !isTransfer {
            pace = nil
        } else if pace == nil {
            pace = Pace(at: now)
        } else if case .caughtUp = event {
            pace?.begin(anewAt: now)
        }
    }

    /// Whether a message comes, or a chunk that is dropped; between the chunks of one too.
    private var isTransfer: Bool {
        switch state {
        case .receiving, .receivingChunk, .swallowing: true
        case .commanding(let dialogue):
            if case .chunks = dialogue.transaction { true } else { false }
        default: false
        }
    }

    /// The octets came in storage that the TLS handler writes into and that is far larger than they are: what is left
    /// over is copied out of it, and nothing of it is kept by a session that idles (measured: 20 KB each).
    private mutating func letGoOfInput() {
        input = isClosed || input.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: input.readableBytesView)
    }

    private mutating func hold(_ octets: ByteBuffer) {
        var octets = octets
        if input.readableBytes == 0 {
            input = octets
        } else {
            input.writeBuffer(&octets)
        }
    }

    /// The state after an event. Octets are held already, and are looked at where the new state reads.
    private mutating func next(
        after state: State, _ event: Event, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        switch (state, event) {
        case (.closed, _): return .closed
        case (.storingForNobody(let submission), .stored):
            actions.append(.log(.accepted(submission)))
            return .closed
        case (.storingForNobody, .notStored): return .closed
        case (.storingForNobody, _): return state
        case (_, .closed): return abandon(state, { .closedByClient(inTransaction: $0) }, &actions)
        case (_, .cutOff): return abandon(state, { .cutOff(inTransaction: $0) }, &actions)
        case (_, .tick): return tick(state, surroundings, &actions)
        case (_, .drain): return drain(state, &actions)
        case (.securing, .bytes): return octetsBesideTLS(&actions)
        case (_, .bytes), (_, .caughtUp): return state
        case (.opening, .connected): return open(surroundings, &actions)
        case (.securing(let since), .tlsEstablished(let facts)):
            return secured(facts, since: since, surroundings, &actions)
        case (.checkingPassword(let dialogue, let exchange), .passwordChecked(let verdict)):
            return passwordChecked(verdict, exchange, dialogue, surroundings, &actions)
        case (.checkingPassword(let dialogue, _), .passwordNotChecked(let obstacle)):
            return passwordNotChecked(obstacle, dialogue, surroundings, &actions)
        case (.openingBody(let dialogue, let transaction, let chunk), .bodyOpened(let id)):
            return bodyOpened(id, dialogue, transaction, chunk, surroundings, &actions)
        case (.openingBody(var dialogue, _, let chunk?), .bodyRefused):
            dialogue.transaction = .failed
            return refuse(chunk, with: .noMemory, in: dialogue, surroundings, &actions)
        case (.openingBody(let dialogue, _, nil), .bodyRefused):
            return refuse(.noMemory, of: .data, dialogue, surroundings, &actions)
        case (.storing(let dialogue, let submission, let verb), .stored):
            return stored(submission, by: verb, dialogue, surroundings, &actions)
        case (.storing(let dialogue, _, let verb), .notStored(let failure)):
            return refuse(.notStored(failure), of: verb, dialogue, surroundings, &actions)
        // An answer that nobody waits for: the shell may have crossed it with a timeout. It changes nothing.
        case (_, .connected), (_, .tlsEstablished), (_, .passwordChecked), (_, .passwordNotChecked), (_, .bodyOpened),
            (_, .bodyRefused), (_, .stored), (_, .notStored):
            return state
        }
    }

    /// Looks at what was read, where the state reads.
    /// - Returns: whether something was taken, so that there may be more to look at.
    private mutating func takeInput(_ surroundings: Surroundings, _ actions: inout Actions) -> Bool {
        let held = input.readableBytes
        guard held > 0 else { return false }
        // The octets that came together with a chunk's command are its first, and count.
        if pace == nil, isTransfer { pace = Pace(at: surroundings.now.monotonic) }
        let previous = state
        state = .closed
        switch consume previous {
        case .commanding(let dialogue):
            state = takeCommandLine(dialogue, surroundings, &actions)
        case .authenticating(let dialogue, let exchange):
            state = takeResponseLine(dialogue, exchange, surroundings, &actions)
        case .receiving(let dialogue, var reception):
            let isEnd = reception.take(&input, &actions)
            state =
                isEnd
                ? endOfData(reception, by: .data, dialogue, surroundings, &actions)
                : .receiving(dialogue, reception)
        case .receivingChunk(let dialogue, var reception, let chunk, let rest):
            let left = reception.takeChunk(&input, rest: rest, &actions)
            state =
                left == 0
                ? endOfChunk(chunk, reception, dialogue, surroundings, &actions)
                : .receivingChunk(dialogue, reception, chunk, rest: left)
        case .swallowing(let dialogue, let octets, let refusal):
            let taken = min(octets, held)
            input.moveReaderIndex(forwardBy: taken)
            state =
                taken == octets
                ? refuse(refusal, of: .bdat, dialogue, surroundings, &actions)
                : .swallowing(dialogue, octets: octets - taken, refusal)
        case let waiting:
            state = waiting
        }
        let taken = held - input.readableBytes
        pace?.take(taken)
        return taken > 0
    }
}
