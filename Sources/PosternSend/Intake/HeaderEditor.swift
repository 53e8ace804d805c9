import PosternMail

/// Changes a header by an account's rules, and remembers what it changed. Fields that no rule names stay octet by octet.
struct HeaderEditor {
    private(set) var edits: [HeaderEdit] = []
    private let block: HeaderBlock
    private let completion: AddressCompletion
    private let rules: SendAccount.HeaderRules
    /// As the header has it.
    private let lineEnd: [UInt8]
    private var octets: [UInt8] = []

    init(_ block: HeaderBlock, _ completion: AddressCompletion, _ rules: SendAccount.HeaderRules) {
        self.block = block
        self.completion = completion
        self.rules = rules
        lineEnd =
            block.fields.first?.octets.suffix(2).elementsEqual("\r\n".utf8) == true ? Array("\r\n".utf8) : [.lineFeed]
    }

    /// Everything but the fields that are missing.
    mutating func edit() {
        for field in block.fields {
            if removes(field.name) {
                edits.append(.removed(String(decoding: field.octets.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)))
            } else {
                octets += encoded(completed(field), field)
            }
        }
        if rules.hidesRecipients { add("To", "undisclosed-recipients:;") }
    }

    var wantsFrom: Bool { rules.from == .on || (rules.from == .auto && !block.contains("from")) }
    var wantsDate: Bool { rules.addsDate && !block.contains("date") }
    var wantsMessageID: Bool { rules.addsMessageID && !block.contains("message-id") }

    mutating func add(_ name: String, _ value: String) {
        let field = "\(name): \(value)"
        edits.append(.added(field))
        for line in field.utf8.split(separator: .lineFeed) { octets += line + lineEnd }
    }

    /// With the empty line that ends it, unless the body's first line is that.
    func header(before bodyStart: [UInt8]) -> [UInt8] {
        let isEnded = bodyStart.first == .lineFeed || bodyStart.starts(with: "\r\n".utf8)
        return isEnded ? octets : octets + lineEnd
    }

    private func removes(_ name: String) -> Bool {
        switch name {
        case "bcc", "resent-bcc": rules.removesBcc || rules.hidesRecipients
        case "to", "cc": rules.hidesRecipients
        case "from": rules.from == .on
        default: false
        }
    }

    private mutating func encoded(_ octets: [UInt8], _ field: HeaderBlock.Field) -> [UInt8] {
        let result = FieldEncoder(lineEnd: lineEnd).encoded(octets, named: field.name)
        if result != octets {
            edits.append(.encoded(String(decoding: field.octets.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)))
        }
        return result
    }

    static let addressFields: Set<String> = [
        "from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to", "resent-cc",
        "resent-bcc",
    ]

    /// The field with a domain behind each address that has none. One that is not understood stays as it is.
    private mutating func completed(_ field: HeaderBlock.Field) -> [UInt8] {
        guard Self.addressFields.contains(field.name), let addresses = try? AddressScanner.addresses(in: field.body)
        else {
            return Array(field.octets)
        }
        var result: [UInt8] = []
        var index = field.octets.startIndex
        for address in addresses where completion.localPart(of: address.text) != nil {
            guard let mailbox = try? completion.mailbox(address.text) else { continue }
            result += field.octets[index..<address.range.lowerBound] + "\(mailbox)".utf8
            index = address.range.upperBound
            edits.append(
                .completed(
                    field: String(decoding: field.octets.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self),
                    from: String(decoding: address.text, as: UTF8.self), to: "\(mailbox)"))
        }
        return result + field.octets[index...]
    }
}
