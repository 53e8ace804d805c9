/// An address to which mail can be sent: `local-part@domain` (RFC 5321 §4.1.2).
///
/// A value exists only if its octets follow the grammar, so it holds no CR, LF, NUL, other control character or
/// unquoted space, and can be written into a command, a header or a log as it is. It is ASCII, but for one that was made as
/// internationalized.
public struct Mailbox: Sendable {
    /// What stands behind the `@`.
    public enum Host: Hashable, Sendable, CustomStringConvertible {
        case domain(Domain)
        case literal(AddressLiteral)

        public var description: String {
            switch self {
            case .domain(let domain): domain.text
            case .literal(let literal): literal.description
            }
        }
    }

    /// The local-part in its spelling on the wire: a dot-string, or a quoted string with its quotes where it needs them.
    public let localPart: String
    public let host: Host

    /// Nil unless the octets are a mailbox: a local-part of at most 64 octets, a host of at most 255, ASCII alone.
    public init?(_ octets: ArraySlice<UInt8>) {
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        guard let localPart = Self.localPart(octets[..<at]) else { return nil }
        let hostOctets = octets[(at + 1)...]
        if hostOctets.first == UInt8(ascii: "[") {
            guard let literal = AddressLiteral(hostOctets) else { return nil }
            host = .literal(literal)
        } else {
            guard let domain = Domain(hostOctets) else { return nil }
            host = .domain(domain)
        }
        self.localPart = localPart
    }

    /// For parts that were checked.
    init(localPart: String, host: Host) {
        self.localPart = localPart
        self.host = host
    }

    public init?(_ octets: some Collection<UInt8>) {
        self.init(ArraySlice(octets))
    }

    public init?(_ text: String) {
        self.init(text.utf8)
    }

    /// The domain; nil where the host is an address literal.
    public var domain: Domain? {
        if case .domain(let domain) = host { domain } else { nil }
    }

    /// The form by which accounts own addresses: ASCII letters in lower case on both sides. Whether two spellings of a
    /// local-part reach one person is the business of that person's domain (RFC 5321 §2.4); for the addresses of our
    /// own accounts we say that they do.
    public var folded: String {
        description.asciiLowercased
    }

    private static func localPart(_ octets: ArraySlice<UInt8>) -> String? {
        guard (1...64).contains(octets.count) else { return nil }
        if octets.first == UInt8(ascii: "\"") { return unquoted(octets) }
        let atoms = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isAtomText) }) else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }

    /// RFC 5321 §4.1.2 Quoted-string. Quotes that the content does not need are dropped, so that `"alice"` and `alice`
    /// are one mailbox, as the same section says.
    private static func unquoted(_ octets: ArraySlice<UInt8>) -> String? {
        guard octets.count >= 3, octets.last == UInt8(ascii: "\"") else { return nil }
        var content: [UInt8] = []
        var isEscaped = false
        for octet in octets.dropFirst().dropLast() {
            guard (32...126).contains(octet) else { return nil }
            if isEscaped {
                isEscaped = false
            } else if octet == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            } else if octet == UInt8(ascii: "\"") {
                return nil
            }
            content.append(octet)
        }
        guard !isEscaped else { return nil }
        let atoms = content.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if atoms.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isAtomText) }) {
            return String(decoding: content, as: UTF8.self)
        }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for octet in content {
            if octet == UInt8(ascii: "\\") || octet == UInt8(ascii: "\"") { quoted.append(UInt8(ascii: "\\")) }
            quoted.append(octet)
        }
        quoted.append(UInt8(ascii: "\""))
        return String(decoding: quoted, as: UTF8.self)
    }
}

extension Mailbox: Hashable, CustomStringConvertible {
    public var description: String { "\(localPart)@\(host)" }
}

/// Where reports of a message's failure go: a mailbox, or nowhere (RFC 5321 §4.5.5).
public enum ReversePath: Hashable, Sendable, CustomStringConvertible {
    /// `<>`: a report, which must never cause another.
    case null
    case mailbox(Mailbox)

    /// The path in the brackets of a command: `<alice@example.org>`, `<>`.
    public var description: String {
        switch self {
        case .null: "<>"
        case .mailbox(let mailbox): "<\(mailbox)>"
        }
    }
}
