public import PosternMail

/// By what the account of a message is found again when it is sent later.
public struct AccountSelection: Hashable, Sendable {
    public var file: String?
    public var account: String?
    /// As they were typed. Passwords are not among them, but a command is that prints one, as whoever typed it has
    /// written it: the spool is for its owner's eyes alone.
    public var settings: [SendArguments.TypedSetting]

    /// - Parameter name: of the account that was taken, by whatever it was found: the next time nothing else leads to it.
    public init(_ arguments: SendArguments, account name: String, workingFolder: String) {
        func absolute(_ path: String) -> String {
            path.hasPrefix("/") || path.hasPrefix("~") || path.isEmpty ? path : "\(workingFolder)/\(path)"
        }
        file = arguments.file.map(absolute)
        account = arguments.namesServer ? nil : name
        settings = arguments.settings.map { setting in
            var setting = setting
            if Self.paths.contains(setting.key), setting.value != "system" { setting.value = absolute(setting.value) }
            return setting
        }
    }

    init(file: String?, account: String?, settings: [SendArguments.TypedSetting]) {
        self.file = file
        self.account = account
        self.settings = settings
    }

    /// Arguments that select the same account.
    public var arguments: SendArguments {
        var arguments = SendArguments()
        arguments.file = file
        arguments.account = account
        arguments.settings = settings
        return arguments
    }

    private static let paths: Set<String> = [
        "tls_trust_file", "tls_cert_file", "tls_key_file", "password_file", "aliases", "logfile",
    ]
}

/// What the spool knows of a message, beside its content. It stands at the head of the message's file.
public struct SpooledMessage: Hashable, Sendable {
    public var id: QueueID
    public var arrived: Timestamp
    public var selection: AccountSelection
    public var envelope: Envelope
    public var acceptsSomeRecipients: Bool
    /// Of the content, as it is, without this head.
    public var count: Int
    var wireLength: Int
    var hasInternationalHeader: Bool

    public init(
        id: QueueID, arrived: Timestamp, selection: AccountSelection, envelope: Envelope, acceptsSomeRecipients: Bool,
        content: StagedContent
    ) {
        self.id = id
        self.arrived = arrived
        self.selection = selection
        self.envelope = envelope
        self.acceptsSomeRecipients = acceptsSomeRecipients
        count = content.count
        wireLength = content.wireLength
        hasInternationalHeader = content.hasInternationalHeader
    }
}

extension SpooledMessage {
    private static let firstLine = "postern-spool 1"
    private static let lastLine = "content"

    /// The head: a line for each fact, values in xtext where they are text of others.
    var head: [UInt8] {
        var lines = [Self.firstLine, "id \(id)", "arrived \(arrived.seconds)"]
        if let file = selection.file { lines.append("file \(Self.written(file))") }
        if let account = selection.account { lines.append("account \(Self.written(account))") }
        lines += selection.settings.map {
            "setting \(Self.written($0.key)) \(Self.written($0.value)) \(Self.written($0.option))"
        }
        lines.append("from \(envelope.reversePath)")
        lines += envelope.recipients.map(Self.line)
        if envelope.body == .eightBit { lines.append("eight-bit") }
        if hasInternationalHeader { lines.append("international-header") }
        if let returned = envelope.returnedContent { lines.append("ret \(returned.rawValue)") }
        if let id = envelope.id { lines.append("envid \(id.xtext)") }
        if acceptsSomeRecipients { lines.append("partial") }
        lines += ["length \(count) \(wireLength)", Self.lastLine, ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func line(_ recipient: Recipient) -> String {
        var words = ["to", written("\(recipient.mailbox)")]
        if let notify = recipient.notify { words.append("NOTIFY=\(notify)") }
        if let original = recipient.originalRecipient { words.append("ORCPT=\(original.parameter)") }
        return words.joined(separator: " ")
    }

    private static func written(_ text: String) -> String {
        // An empty word would not be one.
        text.isEmpty ? "+" : String(decoding: Xtext.encode(text.utf8), as: UTF8.self)
    }

    /// Whether octets may be the beginning of a message's file.
    static func begins(_ octets: [UInt8]) -> Bool { octets.starts(with: "\(firstLine)\n".utf8) }

    /// Where the content begins; nil where the head's end is not there.
    static func headLength(_ octets: [UInt8]) -> Int? {
        let end = Array("\(lastLine)\n".utf8)
        var start = 0
        while start < octets.count {
            if octets[start...].starts(with: end) { return start + end.count }
            guard let feed = octets[start...].firstIndex(of: .lineFeed) else { return nil }
            start = feed + 1
        }
        return nil
    }

    /// Reads the head at the beginning of a file; nil where it is damaged.
    static func reading(_ octets: [UInt8], headLength: Int) -> SpooledMessage? {
        SpooledMessage(lines: octets[..<(headLength - lastLine.utf8.count - 1)])
    }

    private init?(lines octets: ArraySlice<UInt8>) {
        var facts = SpoolFacts()
        for line in octets.split(separator: .lineFeed) {
            guard facts.read(line.split(separator: .space).map { String(decoding: $0, as: UTF8.self) }) else {
                return nil
            }
        }
        guard facts.isKnownForm, let id = facts.id, let arrived = facts.arrived, let path = facts.reversePath,
            let length = facts.length,
            let envelope = Envelope(
                reversePath: path, recipients: facts.recipients, body: facts.isEightBit ? .eightBit : .sevenBit,
                returnedContent: facts.returnedContent, id: facts.envelopeID)
        else { return nil }
        self.id = id
        self.arrived = arrived
        selection = AccountSelection(file: facts.file, account: facts.account, settings: facts.settings)
        self.envelope = envelope
        acceptsSomeRecipients = facts.isPartial
        (count, wireLength) = length
        hasInternationalHeader = facts.hasInternationalHeader
    }

    static func isFirstLine(_ words: [String]) -> Bool { words.joined(separator: " ") == firstLine }
}

/// The lines of a head while they are read.
private struct SpoolFacts {
    var isKnownForm = false
    var id: QueueID?
    var arrived: Timestamp?
    var file: String?
    var account: String?
    var settings: [SendArguments.TypedSetting] = []
    var reversePath: ReversePath?
    var recipients: [Recipient] = []
    var isEightBit = false
    var hasInternationalHeader = false
    var returnedContent: ReturnedContent?
    var envelopeID: EnvelopeID?
    var isPartial = false
    var length: (Int, Int)?

    /// - Returns: whether the line is understood.
    mutating func read(_ words: [String]) -> Bool {
        let value = words.count > 1 ? words[1] : ""
        switch words.first {
        case "postern-spool": isKnownForm = SpooledMessage.isFirstLine(words)
        case "id": id = QueueID(value)
        case "arrived": arrived = Int64(value).map { Timestamp(seconds: $0) }
        case "file": file = Self.text(value)
        case "account": account = Self.text(value)
        case "setting":
            guard words.count == 4, let key = Self.text(value), let text = Self.text(words[2]),
                let option = Self.text(words[3])
            else { return false }
            settings.append(.init(key, text, option: option))
        case "from":
            reversePath = value == "<>" ? .null : Mailbox(value.dropFirst().dropLast().utf8).map { .mailbox($0) }
        case "to":
            guard let recipient = Self.recipient(words.dropFirst()) else { return false }
            recipients.append(recipient)
        case "eight-bit": isEightBit = true
        case "international-header": hasInternationalHeader = true
        case "ret": returnedContent = ReturnedContent(rawValue: value)
        case "envid": envelopeID = EnvelopeID(xtext: value.utf8)
        case "partial": isPartial = true
        case "length":
            guard words.count == 3, let count = Int(value), let wire = Int(words[2]) else { return false }
            length = (count, wire)
        default: return false
        }
        return true
    }

    private static func text(_ word: String) -> String? {
        if word == "+" { return "" }
        return Xtext.decode(word.utf8).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func recipient(_ words: ArraySlice<String>) -> Recipient? {
        guard let mailbox = words.first.flatMap(text).flatMap({ Mailbox($0) }) else { return nil }
        var notify: Notify?
        var original: OriginalRecipient?
        for word in words.dropFirst() {
            if word.hasPrefix("NOTIFY=") { notify = Notify(word.dropFirst(7).utf8) }
            if word.hasPrefix("ORCPT=") { original = OriginalRecipient(parameter: Array(word.dropFirst(6).utf8)) }
        }
        return Recipient(mailbox, notify: notify, originalRecipient: original)
    }
}
