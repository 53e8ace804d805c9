public import NIOCore
public import PosternMail
public import PosternSMTP

/// SMTP on standard input and output (`-bs`), as mail programs speak it to a program of this machine: no TLS and no AUTH,
/// for nobody is between the two.
///
/// A value that is asked for what is to be done next. Whoever takes a message from it says how that ended before anything
/// else is read.
public struct SMTPDialogue {
    public enum Action {
        case reply(Reply)
        /// The message of a transaction begins: its content comes.
        case begin(Transaction)
        case content(ByteBuffer)
        /// It has come whole.
        case deliver
        /// More octets are needed.
        case read
        case end
    }

    /// What was said of a message before its content.
    public struct Transaction: Sendable {
        public var reversePath: ReversePath
        public var parameters: MailParameters
        public var recipients: [Recipient] = []
    }

    private enum State {
        case greeting
        case commands
        case content(DataDecoder)
        case delivering
        case ended
    }

    private let hostname: String
    private let addresses: any EnvelopeAddresses
    private var state = State.greeting
    private var transaction: Transaction?
    private var input = ByteBuffer()
    private var isInputEnded = false
    private var lines = LineReader()
    private var actions: [Action] = []
    private var lineEnds = InputLineEnds()

    public init(hostname: String, addresses: any EnvelopeAddresses) {
        self.hostname = hostname
        self.addresses = addresses
    }

    public mutating func receive(_ octets: [UInt8]) {
        input.writeBytes(lineEnds.normalized(octets))
    }

    public mutating func receiveEnd() {
        isInputEnded = true
    }

    /// How the message that was handed out has ended.
    public mutating func delivered(_ reply: Reply) {
        actions.append(.reply(reply))
        state = .commands
        transaction = nil
    }

    public mutating func next() -> Action {
        while actions.isEmpty {
            switch state {
            case .greeting:
                actions.append(.reply(Reply(220, "\(hostname) ESMTP Postern")))
                state = .commands
            case .commands:
                guard let action = readCommand() else { continue }
                return action
            case .content(let decoder):
                guard let action = readContent(decoder) else { continue }
                return action
            case .delivering: return .read
            case .ended: return .end
            }
        }
        return actions.removeFirst()
    }

    private mutating func readCommand() -> Action? {
        switch lines.next(from: &input, limit: 4_096, abandon: 1 << 20) {
        case .line(let line): perform(line)
        case .tooLong: refuse(500, EnhancedCode(5, 2), "the line is too long")
        case .endless:
            refuse(421, EnhancedCode(5, 2), "the line is too long")
            state = .ended
        case .incomplete:
            guard isInputEnded else { return .read }
            state = .ended
        }
        return nil
    }

    private mutating func readContent(_ decoder: DataDecoder) -> Action? {
        var decoder = decoder
        var pieces: [ByteBuffer] = []
        if decoder.decode(&input, emit: { pieces.append($0) }) {
            state = .delivering
            actions = pieces.map { .content($0) } + [.deliver]
            return nil
        }
        state = .content(decoder)
        actions = pieces.map { .content($0) }
        if pieces.isEmpty, isInputEnded {
            // What has no end is no message.
            state = .ended
            return nil
        }
        return pieces.isEmpty ? .read : nil
    }

    // MARK: Commands

    private mutating func perform(_ line: [UInt8]) {
        let typed = TypedAddress(line)
        let command: Command
        do throws(CommandError) {
            command = try Command(parsing: (typed?.completed(by: addresses) ?? line)[...])
        } catch {
            refuse(error)
            return
        }
        switch command {
        case .ehlo:
            transaction = nil
            let lines = [hostname, "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"]
            actions.append(.reply(Reply(250, lines: lines)))
        case .helo:
            transaction = nil
            actions.append(.reply(Reply(250, hostname)))
        case .mail(let path, let parameters): mail(path, parameters)
        case .rcpt(let path, let parameters): rcpt(path, typed?.address, parameters)
        case .data: data()
        case .rset:
            transaction = nil
            say("reset")
        case .noop: say("nothing done")
        case .help: actions.append(.reply(Reply(214, EnhancedCode(0, 0), "see the page of postern send")))
        case .vrfy: actions.append(.reply(Reply(252, EnhancedCode(0, 0), "send it, and see")))
        case .quit:
            actions.append(.reply(Reply(221, EnhancedCode(0, 0), "bye")))
            state = .ended
        case .bdat, .expn, .startTLS, .auth: refuse(502, EnhancedCode(5, 1), "not offered here")
        }
    }

    private mutating func mail(_ path: ReversePath, _ parameters: MailParameters) {
        // RFC 5321 §4.1.4: a client introduces itself first. Some that speak to a program do not.
        guard transaction == nil else { return refuse(503, EnhancedCode(5, 1), "a message has begun already") }
        transaction = Transaction(reversePath: path, parameters: parameters)
        actions.append(.reply(Reply(250, EnhancedCode(1, 0), "sender taken")))
    }

    private mutating func rcpt(_ path: ForwardPath, _ typed: [UInt8]?, _ parameters: RecipientParameters) {
        guard var transaction else { return refuse(503, EnhancedCode(5, 1), "MAIL comes first") }
        let named: [UInt8]
        switch path {
        case .mailbox(let mailbox): named = typed ?? Array("\(mailbox)".utf8)
        case .postmaster: named = Array("postmaster".utf8)
        }
        do throws(IntakeError) {
            for one in try addresses.recipients(named)
            where !transaction.recipients.contains(where: { $0.mailbox == one.mailbox }) {
                transaction.recipients.append(
                    Recipient(
                        one.mailbox, notify: parameters.notify ?? one.notify,
                        originalRecipient: parameters.originalRecipient ?? one.originalRecipient))
            }
        } catch {
            return refuse(550, EnhancedCode(1, 3), "\(error)")
        }
        self.transaction = transaction
        actions.append(.reply(Reply(250, EnhancedCode(1, 5), "recipient taken")))
    }

    private mutating func data() {
        guard let transaction else { return refuse(503, EnhancedCode(5, 1), "MAIL comes first") }
        guard !transaction.recipients.isEmpty else { return refuse(503, EnhancedCode(5, 1), "no recipients") }
        actions += [.reply(Reply(354, "go on, and end with a dot alone")), .begin(transaction)]
        state = .content(DataDecoder(.dots, bareLineEnds: .normalize, lineLimit: .max))
    }

    private mutating func say(_ text: String) {
        actions.append(.reply(Reply(250, EnhancedCode(0, 0), text)))
    }

    private mutating func refuse(_ code: Int, _ enhanced: EnhancedCode, _ text: String) {
        actions.append(.reply(Reply(code, enhanced, text)))
    }

    private mutating func refuse(_ error: CommandError) {
        switch error {
        case .badSender: refuse(501, EnhancedCode(1, 7), "expected MAIL FROM:<local-part@domain>")
        case .badRecipient: refuse(501, EnhancedCode(1, 3), "expected RCPT TO:<local-part@domain>")
        case .unknownParameter: refuse(555, EnhancedCode(5, 4), "unknown parameter")
        case .badParameter(let keyword): refuse(501, EnhancedCode(5, 4), "\(keyword): not understood")
        case .argumentMissing(let verb): refuse(501, EnhancedCode(5, 4), "\(verb.rawValue): an argument is missing")
        case .argumentNotAllowed(let verb): refuse(501, EnhancedCode(5, 4), "\(verb.rawValue) takes no argument")
        case .badArgument(let verb): refuse(501, EnhancedCode(5, 4), "\(verb.rawValue): not understood")
        case .controlCharacter, .eightBit: refuse(501, EnhancedCode(5, 2), "only ASCII characters stand in commands")
        case .unknownVerb, .anotherProtocol: refuse(500, EnhancedCode(5, 1), "unknown command")
        }
    }
}

/// Lines from a person at a terminal, or from a script, end in LF alone. Whoever begins so is read so.
private struct InputLineEnds {
    private var hasLoneFeeds: Bool?
    private var last: UInt8 = 0

    mutating func normalized(_ octets: [UInt8]) -> [UInt8] {
        if hasLoneFeeds == nil, let feed = octets.firstIndex(of: .lineFeed) {
            let before = feed > 0 ? octets[feed - 1] : last
            hasLoneFeeds = before != .carriageReturn
        }
        defer { last = octets.last ?? last }
        guard hasLoneFeeds == true else { return octets }
        var result: [UInt8] = []
        result.reserveCapacity(octets.count + octets.count / 16)
        var previous = last
        for octet in octets {
            if octet == .lineFeed, previous != .carriageReturn { result.append(.carriageReturn) }
            result.append(octet)
            previous = octet
        }
        return result
    }
}
