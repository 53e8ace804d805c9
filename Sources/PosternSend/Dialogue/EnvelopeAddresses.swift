public import PosternMail

/// Whom the addresses of an envelope stand for, which mail programs write without a domain too.
public protocol EnvelopeAddresses: Sendable {
    /// - Parameter address: without the brackets around it.
    func sender(_ address: [UInt8]) throws(IntakeError) -> Mailbox
    /// Several where it is an alias.
    func recipients(_ address: [UInt8]) throws(IntakeError) -> [Recipient]
}

extension MessageIntake: EnvelopeAddresses {}

/// The address of a MAIL or RCPT, as it stands between the brackets.
struct TypedAddress {
    private let line: [UInt8]
    private let range: Range<Int>

    init?(_ line: [UInt8]) {
        let verb = String(decoding: line.prefix(4), as: UTF8.self).asciiLowercased
        guard verb == "mail" || verb == "rcpt", let start = line.firstIndex(of: UInt8(ascii: "<")),
            let end = line[start...].firstIndex(of: UInt8(ascii: ">")), start + 1 < end
        else { return nil }
        self.line = line
        range = start + 1..<end
    }

    var address: [UInt8] { Array(line[range]) }

    /// The line with the whole address; what is none stays as it is, and is refused for what it is.
    func completed(by addresses: any EnvelopeAddresses) -> [UInt8] {
        guard let mailbox = try? addresses.sender(address) else { return line }
        return Array(line[..<range.lowerBound]) + "\(mailbox)".utf8 + line[range.upperBound...]
    }
}
