import Yams

extension Accounts {
    /// Reads the octets of an `accounts.yaml`: accounts without errors, and every problem.
    /// - Parameter file: its name, for messages.
    public static func read(_ octets: [UInt8], file: String) -> Reading<Accounts> {
        let (accounts, problems) = parse(octets, file: file)
        return Reading(accounts, problems: problems)
    }

    /// As `read`, with what could be read in spite of errors.
    static func parse(_ octets: [UInt8], file: String) -> (accounts: Accounts, problems: [ConfigurationProblem]) {
        let document = Document(octets, file: file)
        let reader = Reader(document, file: file)
        var draft = Draft()
        if let root = document.root {
            let top = SourceLocation(file: file, line: 1, column: 1)
            reader.read(root, as: settings, named: "the accounts file", at: top, into: &draft)
            reader.checkOwnership(in: draft.accounts)
            reader.checkKeys(of: draft.accounts)
        } else if reader.problems.isEmpty {
            reader.report(
                .rule("the file is empty: expected 'accounts:' with a map of names to accounts"), at: .whole(file))
        }
        return (Accounts(accounts: draft.accounts), reader.problems)
    }

    struct Draft: Sendable {
        var accounts: [Account] = []
    }

    static let settings: [Setting<Draft>] = [
        Setting(
            name: "accounts", documentation: "Login names, each with its account.", isRequired: true,
            example: .section([]),
            read: { node, reader, draft in draft.accounts = reader.accounts(of: node) })
    ]
}

extension Account {
    /// An account as far as it has been read.
    struct Draft: Sendable {
        var addresses: [Located<String>] = []
        var password: Located<PasswordText>?
        var keys: [Located<String>] = []
        var maySendAs: [Located<String>] = []
        var isDisabled = false
        var bareNewline: Located<BareNewline>?
    }

    static let settings: [Setting<Draft>] = [
        .list(
            "addresses", \.addresses, .text("an address"), isRequired: true, .given("[alice@example.org]"),
            "Its addresses; the first is the primary. Each is a login name too."),
        .located(
            "password", \.password, .password, .standard("\"SCRAM-SHA-256$…\""),
            "A stored password, from `postern password`."),
        .list(
            "keys", \.keys, .keyDigest, .standard("[\"sha256:…\"]"),
            "Public keys that log in without an authority: the SHA-256 of each."),
        .list(
            "may-send-as", \.maySendAs, .text("an address or \"*@DOMAIN\""), .standard("[\"*@lists.example.org\"]"),
            "What it may send as besides its addresses."),
        .located(
            "bare-newline", \.bareNewline, .choice, .standard("normalize"),
            "As of a listener, for what this account sends."),
        .optional("disabled", \.isDisabled, .yesOrNo, in: Draft(), "Whether it can neither log in nor send."),
    ]
}

extension Reader {
    fileprivate func accounts(of node: Node) -> [Account] {
        guard let entries = entries(of: node, key: "accounts", expected: "a map of names to accounts") else {
            return []
        }
        if entries.isEmpty {
            report(.rule("there is no account: nobody can submit"), at: location(of: node), .hazard)
        }
        for (name, value) in repeatedEntries(of: node) { _ = account(of: value, name: name) }
        return entries.map { account(of: $0.value, name: $0.key) }
    }

    private func account(of node: Node, name: Located<String>) -> Account {
        if name.value.isEmpty {
            report(.unexpected(key: "accounts", expected: "a login name", found: "''", advice: nil), at: name.location)
        }
        var draft = Account.Draft()
        read(node, as: Account.settings, named: "account \(quoted(name.value))", at: name.location, into: &draft)
        return Account(
            name: name, addresses: draft.addresses, password: draft.password, keys: draft.keys,
            maySendAs: draft.maySendAs,
            isDisabled: draft.isDisabled, bareNewline: draft.bareNewline?.value)
    }

    /// An address belongs to one account, and a login name that looks like another's address would be two people's.
    /// ASCII case does not count, as it does not when senders are checked.
    fileprivate func checkOwnership(in accounts: [Account]) {
        var owners: [String: (account: Int, location: SourceLocation)] = [:]
        for (index, account) in accounts.enumerated() {
            for address in account.addresses {
                guard let owner = owners[folded(address.value)] else {
                    owners[folded(address.value)] = (index, address.location)
                    continue
                }
                let title =
                    owner.account == index ? "this account" : "account \(quoted(accounts[owner.account].name.value))"
                let sentence =
                    "\(quoted(address.value)) is an address of \(title) already (line \(owner.location.line))"
                report(.rule("\(sentence); keep it in one place"), at: address.location)
            }
        }
        for (index, account) in accounts.enumerated() {
            guard let owner = owners[folded(account.name.value)], owner.account != index else { continue }
            let title = "account \(quoted(accounts[owner.account].name.value)) (line \(owner.location.line))"
            report(
                .rule(
                    "the login name \(quoted(account.name.value)) is an address of \(title); name the account otherwise"
                ),
                at: account.name.location)
        }
    }

    /// A key in two accounts stands for neither until the client names one.
    fileprivate func checkKeys(of accounts: [Account]) {
        var owners: [String: (name: String, line: Int)] = [:]
        for account in accounts {
            for key in account.keys {
                if let owner = owners[folded(key.value)], owner.name != account.name.value {
                    let sentence = "the key is one of account \(quoted(owner.name)) too (line \(owner.line))"
                    report(
                        .rule(
                            sentence
                                + ": its holder must name one of them in AUTH EXTERNAL, and MAIL without AUTH fails"),
                        at: key.location, .hazard)
                } else {
                    owners[folded(key.value)] = (account.name.value, key.location.line)
                }
            }
        }
    }

    /// ASCII letters in lower case, anything else as it is.
    private func folded(_ text: String) -> String {
        String(
            decoding: text.utf8.lazy.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self)
    }
}

extension Form where Value == PasswordText {
    fileprivate static var password: Form {
        Form(expected: "a stored password, from `postern password`") { text, _ throws(Refusal) in
            guard !text.isEmpty else { throw Refusal() }
            return PasswordText(text)
        } write: {
            "\($0)"
        }
    }
}

extension Form where Value == String {
    fileprivate static var keyDigest: Form {
        Form(expected: "\"sha256:\" and 64 hexadecimal digits") { text, _ throws(Refusal) in
            let digits = text.dropFirst("sha256:".count)
            guard text.hasPrefix("sha256:") else { throw Refusal() }
            guard digits.utf8.count == 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw Refusal(advice: "\(digits.unicodeScalars.count) characters stand behind 'sha256:'")
            }
            return text
        } write: {
            $0
        }
    }
}
