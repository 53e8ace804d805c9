import PosternMail

extension Command {
    /// Reads a command line without its CRLF.
    ///
    /// Verbs, keywords and parameter names match in any case. A space behind `FROM:` and `TO:` is accepted, as clients
    /// in the field send one (SMTPKitten among them).
    public init(parsing line: ArraySlice<UInt8>) throws(CommandError) {
        let end = line.firstIndex(of: .space) ?? line.endIndex
        guard let verb = Verb(line[..<end]) else { throw Self.unknown(line[..<end]) }
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .controlCharacter }
        // Only AUTH tells a space with nothing behind it from no space at all.
        if verb == .auth {
            self = try Self.auth(line[end...])
            return
        }
        let argument = Self.trimmed(line[end...])
        guard argument.allSatisfy({ $0 < 0x80 }) else { throw .eightBit }
        self = try Self.parse(verb, argument)
    }

    private static func parse(_ verb: Verb, _ argument: ArraySlice<UInt8>) throws(CommandError) -> Command {
        switch verb {
        case .ehlo: return .ehlo(try clientName(argument, verb))
        case .helo: return .helo(try clientName(argument, verb))
        case .mail: return try mail(argument)
        case .rcpt: return try rcpt(argument)
        case .bdat: return try bdat(argument)
        case .data: return try bare(.data, argument)
        case .rset: return try bare(.rset, argument)
        case .quit: return try bare(.quit, argument)
        case .startTLS: return try bare(.startTLS, argument)
        case .vrfy, .expn:
            guard !argument.isEmpty else { throw .argumentMissing(verb) }
            return verb == .vrfy ? .vrfy : .expn
        case .noop: return .noop
        case .help: return .help
        case .auth: throw .badArgument(.auth)
        }
    }

    /// RFC 5321 §4.3.2: DATA, RSET and QUIT take no argument; RFC 3207 §4: neither does STARTTLS.
    private static func bare(_ command: Command, _ argument: ArraySlice<UInt8>) throws(CommandError) -> Command {
        guard argument.isEmpty else { throw .argumentNotAllowed(command.verb) }
        return command
    }

    private static func clientName(_ argument: ArraySlice<UInt8>, _ verb: Verb) throws(CommandError) -> ClientName {
        guard !argument.isEmpty else { throw .argumentMissing(verb) }
        guard let name = ClientName(argument) else { throw .badArgument(verb) }
        return name
    }

    private static func mail(_ argument: ArraySlice<UInt8>) throws(CommandError) -> Command {
        let (path, rest) = try path(in: argument, after: "FROM:", of: .mail, or: .badSender)
        var parameters = MailParameters()
        try Extension.read(rest, by: \.mailParameters, into: &parameters)
        if path.isEmpty { return .mail(.null, parameters) }
        guard let mailbox = Mailbox(withoutRoute(path)) else { throw .badSender }
        return .mail(.mailbox(mailbox), parameters)
    }

    private static func rcpt(_ argument: ArraySlice<UInt8>) throws(CommandError) -> Command {
        let (path, rest) = try path(in: argument, after: "TO:", of: .rcpt, or: .badRecipient)
        var parameters = RecipientParameters()
        try Extension.read(rest, by: \.recipientParameters, into: &parameters)
        if path.lazy.map(\.asciiLowercased).elementsEqual("postmaster".utf8) { return .rcpt(.postmaster, parameters) }
        guard let mailbox = Mailbox(withoutRoute(path)) else { throw .badRecipient }
        return .rcpt(.mailbox(mailbox), parameters)
    }

    /// The octets between the angle brackets, and what follows them. A path has no limit of its own (RFC 5321 §4.5.3.1.3
    /// asks for 256 octets at least): that of its local-part and its domain bound it.
    private static func path(
        in argument: ArraySlice<UInt8>, after keyword: String, of verb: Verb, or error: CommandError
    ) throws(CommandError) -> (path: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        guard !argument.isEmpty else { throw .argumentMissing(verb) }
        let isKeyword = argument.lazy.map { $0.isASCIILetter ? $0 & 0xDF : $0 }.starts(with: keyword.utf8)
        guard isKeyword else { throw .badArgument(verb) }
        let text = argument.dropFirst(keyword.utf8.count).drop { $0 == .space }
        guard text.first == UInt8(ascii: "<"), let close = closingBracket(in: text) else { throw error }
        let rest = text[(close + 1)...]
        guard rest.isEmpty || rest.first == .space else { throw error }
        return (text[(text.startIndex + 1)..<close], trimmed(rest))
    }

    /// A bracket inside a quoted local-part is part of it.
    private static func closingBracket(in text: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            switch text[index] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ">") where !isQuoted: return index
            default: break
            }
        }
        return nil
    }

    /// RFC 5321 §4.1.1.3: a source route (`@a,@b:user@c`) is accepted and ignored.
    private static func withoutRoute(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard path.first == UInt8(ascii: "@"), let colon = path.firstIndex(of: UInt8(ascii: ":")) else { return path }
        let isRoute = path[..<colon].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .allSatisfy { $0.first == UInt8(ascii: "@") && Domain($0.dropFirst()) != nil }
        return isRoute ? path[(colon + 1)...] : path
    }

    private static func bdat(_ argument: ArraySlice<UInt8>) throws(CommandError) -> Command {
        guard let chunk = Chunk(argument) else { throw .badArgument(.bdat) }
        return .bdat(chunk)
    }

    private static func auth(_ argument: ArraySlice<UInt8>) throws(CommandError) -> Command {
        let text = argument.drop { $0 == .space }
        let end = text.firstIndex(of: .space) ?? text.endIndex
        guard !text.isEmpty else { throw .argumentMissing(.auth) }
        // RFC 4422 §3.1: a mechanism's name has 1 to 20 letters, digits, hyphens and underscores.
        guard (1...20).contains(end - text.startIndex),
            text[..<end].allSatisfy({
                $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            })
        else { throw .badArgument(.auth) }
        let mechanism = String(decoding: text[..<end].map { $0.isASCIILetter ? $0 & 0xDF : $0 }, as: UTF8.self)
        guard end < text.endIndex else { return .auth(mechanism: mechanism, .absent) }
        let response = trimmed(text[end...])
        if response.isEmpty || response.elementsEqual("=".utf8) { return .auth(mechanism: mechanism, .empty) }
        guard !response.contains(.space) else { throw .badArgument(.auth) }
        return .auth(mechanism: mechanism, .text(Array(response)))
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop { $0 == .space }
        while text.last == .space { text.removeLast() }
        return text
    }

    private static func unknown(_ word: ArraySlice<UInt8>) -> CommandError {
        if let first = word.first, !first.isASCIILetter { return .anotherProtocol }
        let requests = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH", "TRACE", "PRI"]
        let text = String(decoding: word, as: UTF8.self)
        return requests.contains(text) || text.hasPrefix("HTTP/") ? .anotherProtocol : .unknownVerb
    }
}
