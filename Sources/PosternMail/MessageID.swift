/// The identifier of a message: `<left@right>` (RFC 5322 §3.6.4).
public struct MessageID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// The identifier for a message that came without one (RFC 6409 §8.3).
    public init(for id: QueueID, at host: Domain) {
        description = "<\(id)@\(host)>"
    }

    /// The identifier for a message of a mailbox there. A host that is not ASCII is not named in it, so that a server without
    /// SMTPUTF8 can carry it where the mailbox is not named either.
    public init(for id: QueueID, at host: Mailbox.Host) {
        let name = host.description
        description = name.utf8.allSatisfy { $0 < 0x80 } ? "<\(id)@\(name)>" : "<\(id)@host.invalid>"
    }

    /// Nil unless the text is one identifier in angle brackets with visible characters on both sides of one `@`.
    ///
    /// Wider than the grammar, as mail programs are: what others can carry is not rewritten.
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        guard octets.count >= 5, octets.count <= 998, octets.first == UInt8(ascii: "<"),
            octets.last == UInt8(ascii: ">")
        else { return nil }
        let inner = octets.dropFirst().dropLast()
        guard inner.allSatisfy({ (33...126).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }),
            let at = inner.lastIndex(of: UInt8(ascii: "@")), at > inner.startIndex, at < inner.endIndex - 1
        else { return nil }
        description = text
    }
}
