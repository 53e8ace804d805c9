import PosternMail

/// The one rule for addresses without a domain, in envelopes and headers alike: `root` becomes `root@DOMAIN`, and so does
/// an address of this machine's own that nobody else could reach (`root@localhost`, `root@laptop`). DOMAIN is that of the
/// account's `from`, else what /etc/mailname says, else the machine's full name.
struct AddressCompletion: Sendable {
    /// Nil where none is known.
    let domain: Domain?
    private let machine: Machine

    init(for account: SendAccount, on machine: Machine) {
        self.machine = machine
        domain = Self.domain(of: account) ?? machine.domain
    }

    private static func domain(of account: SendAccount) -> Domain? {
        guard let from = account.from, let at = from.lastIndex(of: "@") else { return nil }
        return Domain(String(from[from.index(after: at)...]))
    }

    /// The mailbox that an address stands for.
    func mailbox(_ octets: some Collection<UInt8>) throws(IntakeError) -> Mailbox {
        let text = String(decoding: octets, as: UTF8.self)
        try check(octets, text)
        var address = Array(octets)
        if let local = localPart(of: octets) {
            guard let domain else { throw .noDomain(text) }
            address = local + [UInt8(ascii: "@")] + domain.text.utf8
        }
        guard let mailbox = Mailbox(address) else { throw .noAddress(text) }
        return mailbox
    }

    /// What an address is before aliases are looked at: its local name, if it is for this machine, and the text for
    /// reports.
    func mailboxBeforeAliases(
        _ octets: some Collection<UInt8>
    ) throws(IntakeError) -> (local: String?, original: String) {
        let text = String(decoding: octets, as: UTF8.self)
        try check(octets, text)
        guard let local = localPart(of: octets) else { return (nil, text) }
        let name = String(decoding: local, as: UTF8.self)
        return (name, domain.map { "\(name)@\($0)" } ?? name)
    }

    /// C3: whatever could end a command or begin another parameter is no address, quoted or not.
    private func check(_ octets: some Collection<UInt8>, _ text: String) throws(IntakeError) {
        guard !octets.isEmpty else { throw .noAddress(text) }
        guard octets.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .forbiddenOctet(text) }
        guard octets.allSatisfy({ $0 < 0x80 }) else { throw .notASCII(text) }
    }

    /// What stands before the at sign, where the address is to be completed.
    func localPart(of octets: some Collection<UInt8>) -> [UInt8]? {
        let octets = Array(octets)
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")) else { return octets }
        let domain = String(decoding: octets[(at + 1)...], as: UTF8.self)
        return machine.isOwn(domain) ? Array(octets[..<at]) : nil
    }
}
