import PosternCertificates
import PosternConfiguration
import PosternIdentity
import PosternMail
import PosternSASL

/// Accounts of the file as accounts of the decision.
extension Assembler {
    mutating func accounts(_ accounts: Accounts) -> [PosternIdentity.Account] {
        let assembled = accounts.accounts.map { account($0) }
        checkSpellings(of: accounts.accounts)
        return assembled
    }

    private mutating func account(_ account: PosternConfiguration.Account) -> PosternIdentity.Account {
        checkName(account.name)
        return PosternIdentity.Account(
            name: account.name.value,
            addresses: account.addresses.compactMap { mailbox($0, named: "addresses") },
            password: account.password.flatMap { password($0, of: account.name.value) },
            keys: account.keys.compactMap { key($0) },
            maySendAs: account.maySendAs.compactMap { senderPattern($0) },
            isDisabled: account.isDisabled, bareLineEnds: account.bareNewline.map { BareLineEnds($0) })
    }

    /// The name stands in a comment of the Received line as it is, and in the log.
    private mutating func checkName(_ name: Located<String>) {
        let isPlain = name.value.utf8.allSatisfy { (33...126).contains($0) && !"()\\".utf8.contains($0) }
        guard !isPlain else { return }
        let expected = "expected visible ASCII characters without spaces, parentheses and backslashes"
        report("login name: \(expected), found \(shown(name.value))", at: name.location)
    }

    private mutating func password(_ text: Located<PasswordText>, of account: String) -> StoredPassword? {
        do throws(StoredPassword.ParsingFailure) {
            let password = try StoredPassword(text.value.text)
            if password.isWeak {
                let sentence =
                    "password of account \(shown(account)): whoever steals this file can guess at it fast; make a new one with"
                report("\(sentence) `postern password`", at: text.location, .hazard)
            }
            return password
        } catch {
            report("password of account \(shown(account)): \(error)", at: text.location)
            return nil
        }
    }

    private mutating func key(_ text: Located<String>) -> KeyFingerprint? {
        guard let key = KeyFingerprint(text.value) else {
            let expected = "expected \"sha256:\" and 64 hexadecimal digits"
            report("keys: \(expected), found \(shown(text.value))", at: text.location)
            return nil
        }
        return key
    }

    private mutating func senderPattern(_ text: Located<String>) -> SenderPattern? {
        let key = "may-send-as"
        if text.value.hasPrefix("*@") {
            return domain(Located(String(text.value.dropFirst(2)), at: text.location), named: key).map { .domain($0) }
        }
        return mailbox(text, named: key).map { .mailbox($0) }
    }

    /// Two spellings of one address (`"alice"@example.org`) are one address, and have one owner.
    private mutating func checkSpellings(of accounts: [PosternConfiguration.Account]) {
        var owners: [String: Located<String>] = [:]
        for address in accounts.flatMap(\.addresses) {
            guard let folded = Mailbox(address.value)?.folded else { continue }
            guard let first = owners[folded], first.value.asciiLowercased != address.value.asciiLowercased else {
                owners[folded] = owners[folded] ?? address
                continue
            }
            let sentence = "\(shown(address.value)) is another spelling of \(shown(first.value))"
            report("\(sentence) in line \(first.location.line); keep it in one place", at: address.location)
        }
    }
}
