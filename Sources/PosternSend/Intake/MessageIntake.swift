public import PosternMail
import PosternSMTP

/// Makes a message that can be sent of what a program hands in: by the arguments, by its header, by the account's rules.
public struct MessageIntake: Sendable {
    private let arguments: SendArguments
    private let account: SendAccount
    private let machine: Machine
    private let aliases: Aliases
    private let completion: AddressCompletion
    private let now: Timestamp
    private let random: UInt64

    /// - Parameter random: a fresh random number, for the Message-ID.
    public init(
        _ arguments: SendArguments, _ account: SendAccount, aliases: Aliases, on machine: Machine, at now: Timestamp,
        random: UInt64
    ) {
        self.arguments = arguments
        self.account = account
        self.machine = machine
        self.aliases = aliases
        completion = AddressCompletion(for: account, on: machine)
        self.now = now
        self.random = random
    }

    /// The recipients that were named and the sender, before anything is read: what is no address ends it at once (C3).
    public func checkArguments() throws(IntakeError) {
        _ = try namedRecipients()
        if let sender = arguments.sender { _ = try path(sender) }
    }

    /// - Parameters:
    ///   - header: the fields as they came.
    ///   - bodyStart: what was read behind them.
    public func prepare(header: [UInt8], bodyStart: [UInt8]) throws(IntakeError) -> PreparedMessage {
        let block = HeaderBlock(header)
        let reversePath = try reversePath(block)
        let recipients = unique(try namedRecipients() + fieldRecipients(block))
        guard !recipients.isEmpty else { throw .noRecipients }
        return try prepared(block, reversePath, recipients, bodyStart: bodyStart)
    }

    /// A message whose envelope has come in commands (`-bs`).
    public func prepare(
        header: [UInt8], bodyStart: [UInt8], of transaction: SMTPDialogue.Transaction
    ) throws(IntakeError) -> PreparedMessage {
        let path = account.allowsOtherSenders ? transaction.reversePath : .mailbox(try ownAddress())
        var prepared = try prepared(HeaderBlock(header), path, transaction.recipients, bodyStart: bodyStart)
        prepared.returnedContent = transaction.parameters.returnedContent ?? prepared.returnedContent
        prepared.envelopeID = transaction.parameters.envelopeID ?? prepared.envelopeID
        return prepared
    }

    /// What an address without a domain gets; nil where none is known.
    public var domain: Domain? { completion.domain }

    /// Who an address of MAIL is, by the one rule for addresses without a domain.
    public func sender(_ address: [UInt8]) throws(IntakeError) -> Mailbox { try completion.mailbox(address) }

    /// Whom an address of RCPT stands for, by that rule and by the aliases.
    public func recipients(_ address: [UInt8]) throws(IntakeError) -> [Recipient] { try recipient(address) }

    private func prepared(
        _ block: HeaderBlock, _ reversePath: ReversePath, _ recipients: [Recipient], bodyStart: [UInt8]
    ) throws(IntakeError) -> PreparedMessage {
        try checkParagraph(behind: block, bodyStart)
        var editor = HeaderEditor(block, completion, account.header)
        editor.edit()
        let from = try fromAddress(reversePath)
        if editor.wantsFrom { editor.add("From", fromField(from)) }
        if editor.wantsDate { editor.add("Date", CalendarDate(now).mailDate) }
        if editor.wantsMessageID {
            // RFC 5322 §3.6.4: a domain of ours makes it unique.
            let domain = from.domain ?? completion.domain ?? Domain("localhost")
            if let domain {
                editor.add("Message-ID", "\(MessageID(for: QueueID(time: now, random: random), at: domain))")
            }
        }
        return PreparedMessage(
            reversePath: reversePath, recipients: recipients,
            returnedContent: arguments.returnedContent ?? account.returnedContent, envelopeID: arguments.envelopeID,
            header: editor.header(before: bodyStart), edits: editor.edits)
    }

    /// Where a line that is no field ends the header, whoever stands in a Bcc behind it would get nothing, and everybody
    /// else would read of them.
    private func checkParagraph(behind block: HeaderBlock, _ bodyStart: [UInt8]) throws(IntakeError) {
        guard !block.fields.isEmpty else { return }
        var names: Set = ["bcc", "resent-bcc"]
        if arguments.readsRecipients { names.formUnion(["to", "cc", "resent-to", "resent-cc"]) }
        var broken: ArraySlice<UInt8>?
        for line in bodyStart.split(separator: .lineFeed, omittingEmptySubsequences: false) {
            guard !line.isEmpty, line != [.carriageReturn] else { return }
            let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).asciiLowercased
            if let broken, names.contains(name), line.contains(UInt8(ascii: ":")) {
                throw .fieldBehindBreak(name: name, line: String(decoding: broken, as: UTF8.self))
            }
            if broken == nil { broken = line }
        }
    }

    private func fromField(_ address: Mailbox) -> String {
        guard let name = arguments.fullName ?? account.fullName, !name.isEmpty else { return "\(address)" }
        return "\(DisplayName.text(name)) <\(address)>"
    }

    // MARK: The sender

    private func reversePath(_ block: HeaderBlock) throws(IntakeError) -> ReversePath {
        if account.allowsOtherSenders {
            if let sender = arguments.sender { return try path(sender) }
            if arguments.readsSender, let sender = try headerSender(block) { return .mailbox(sender) }
        }
        return .mailbox(try ownAddress())
    }

    private func path(_ text: String) throws(IntakeError) -> ReversePath {
        let text = unbracketed(text)
        return text.isEmpty ? .null : .mailbox(try completion.mailbox(text.utf8))
    }

    /// RFC 5322 §3.6.6: who has sent it again is its sender.
    private func headerSender(_ block: HeaderBlock) throws(IntakeError) -> Mailbox? {
        for name in ["resent-from", "from"] {
            guard let field = block.fields.first(where: { $0.name == name }),
                let address = try addresses(in: field).first
            else { continue }
            return try completion.mailbox(address.text)
        }
        return nil
    }

    /// Whose address a message gets that names no sender.
    private func ownAddress() throws(IntakeError) -> Mailbox {
        guard let from = account.from, !from.isSenderPattern else { return try completion.mailbox(machine.user.utf8) }
        return try completion.mailbox(from.utf8)
    }

    private func fromAddress(_ reversePath: ReversePath) throws(IntakeError) -> Mailbox {
        if case .mailbox(let mailbox) = reversePath { mailbox } else { try ownAddress() }
    }

    // MARK: The recipients

    private func namedRecipients() throws(IntakeError) -> [Recipient] {
        var recipients: [Recipient] = []
        for argument in arguments.recipients {
            for text in argument.split(separator: ",") { recipients += try recipient(unbracketed(String(text)).utf8) }
        }
        return recipients
    }

    /// Those of To, Cc and Bcc; where the message was sent again, those of the first block of Resent- fields alone.
    private func fieldRecipients(_ block: HeaderBlock) throws(IntakeError) -> [Recipient] {
        guard arguments.readsRecipients else { return [] }
        let resent = block.fields.drop { !$0.name.hasPrefix("resent-") }.prefix { $0.name.hasPrefix("resent-") }
        let names: Set = resent.isEmpty ? ["to", "cc", "bcc"] : ["resent-to", "resent-cc", "resent-bcc"]
        var recipients: [Recipient] = []
        for field in resent.isEmpty ? block.fields[...] : resent where names.contains(field.name) {
            for address in try addresses(in: field) { recipients += try recipient(address.text) }
        }
        return recipients
    }

    private func addresses(in field: HeaderBlock.Field) throws(IntakeError) -> [FieldAddress] {
        do throws(AddressScanner.Fault) {
            return try AddressScanner.addresses(in: field.body)
        } catch {
            throw .badField(name: field.name, text: String(decoding: error.text, as: UTF8.self))
        }
    }

    /// The mailboxes that an address stands for, by the aliases and the one rule for addresses without a domain.
    private func recipient(_ address: some Collection<UInt8>) throws(IntakeError) -> [Recipient] {
        let typed = try completion.mailboxBeforeAliases(address)
        let names = try typed.local.map { local throws(IntakeError) in try aliases.expanded(local) }
        var mailboxes: [Mailbox] = []
        for name in names ?? [String(decoding: address, as: UTF8.self)] {
            mailboxes.append(try completion.mailbox(name.utf8))
        }
        let notify = arguments.notify ?? account.notify
        // RFC 3461 §4.2: what the sender wrote is for reports, and those must be asked for.
        let original = notify.flatMap { _ in
            OriginalRecipient(parameter: Array("rfc822;".utf8) + Xtext.encode("\(typed.original)".utf8))
        }
        return mailboxes.map { Recipient($0, notify: notify, originalRecipient: original) }
    }

    private func unique(_ recipients: [Recipient]) -> [Recipient] {
        var seen: Set<Mailbox> = []
        return recipients.filter { seen.insert($0.mailbox).inserted }
    }
}

/// An address without the brackets around all of it.
func unbracketed(_ text: String) -> String {
    text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
}

extension HeaderBlock.Field {
    /// What stands behind the colon, as it is.
    var body: ArraySlice<UInt8> {
        let colon = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.startIndex
        return octets[(colon + 1)...]
    }
}
