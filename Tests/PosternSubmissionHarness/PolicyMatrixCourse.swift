import PosternMail
import PosternSASL

extension PolicyMatrix.Cell {
    /// Takes the cell's course with a session.
    /// - Returns: the outcomes, to be compared with `expected`.
    package func play() throws -> [String] {
        var course = Course(shell: try PureShell(scenario), person: row.state.person)
        let steps = row.course.split(separator: " ")
        let introducesItself = ["EHLO", "HELO", "(HELO)"].contains(steps.first)
        try course.open(
            beforeTLS: row.state == .beforeTLS, greets: !introducesItself && row.state != .beforeHello)
        var outcomes: [String] = []
        for step in steps {
            let isPreparation = step.hasPrefix("(")
            let outcome = try course.take(String(step.filter { $0 != "(" && $0 != ")" }))
            if !isPreparation, let outcome { outcomes.append(outcome) }
        }
        return outcomes + course.shell.faults
    }
}

/// A client that takes the steps of the matrix.
private struct Course {
    var shell: PureShell
    let person: PolicyMatrix.State.Person

    mutating func open(beforeTLS: Bool, greets: Bool) throws {
        shell.receive(.connected)
        if !beforeTLS {
            if shell.scenario.listener.tls == .startTLS { shell.receive("EHLO client.example.org\r\nSTARTTLS\r\n") }
            try shell.establishTLS()
        }
        if greets { shell.receive("EHLO client.example.org\r\n") }
        _ = shell.takeLines()
    }

    /// - Returns: what came of it; nil for what only happens.
    mutating func take(_ step: String) throws -> String? {
        switch step {
        case "EHLO": return ehlo()
        case "with": return message()
        case "expire":
            shell.now.wall = shell.now.wall + .seconds(300 * 86_400)
            return nil
        case "revoke": return try change { $0.identities.revoked.insert($0.certificate) }
        case "disable": return try change { $0.identities.disabled.insert("alice") }
        case "remove": return try change { $0.identities.removed.insert("alice") }
        case "move":
            return try change { scenario in
                for address in ["alice@example.org", "a.smith@example.org"] {
                    scenario.identities.moved[address] = "bob"
                }
            }
        case "narrow": return try change { $0.identities.removed.formUnion(["bob", "dave"]) }
        case "renew": return try change { $0.identities.lists = .fresh }
        default: return reply(to: try command(step))
        }
    }

    private func command(_ step: String) throws -> String {
        switch step {
        case "a": return "AUTH EXTERNAL ="
        case "a0": return "AUTH EXTERNAL"
        case "b": return "AUTH EXTERNAL \(base64(person.ownIdentity))"
        case "b'": return "AUTH EXTERNAL \(base64("carol"))"
        case "c": return "AUTH EXTERNAL \(base64(otherIdentity))"
        case "d": return "MAIL FROM:<\(person.account)@example.org>"
        case "d0": return "MAIL FROM:<>"
        case "d2": return "MAIL FROM:<a.smith@example.org>"
        case "dx", "dv": return "MAIL FROM:<bob@example.org>"
        case "e": return "AUTH PLAIN \(base64("\0\(person.account)\0\(person.password)"))"
        case "f": return "AUTH PLAIN \(base64("\0bob\0builder"))"
        case "g": return "AUTH PLAIN \(base64("\0\(person.account)\0wrong"))"
        case "HELO": return "HELO client.example.org"
        case "RCPT": return "RCPT TO:<friend@example.net>"
        case "BDAT": return "BDAT 0 LAST"
        case "VRFY", "EXPN": return "\(step) somebody"
        case "NOOP", "RSET", "DATA", "QUIT": return step
        default: throw TranscriptError.badLine(file: "matrix.txt", step)
        }
    }

    /// Of an account that the certificate does not lead to.
    private var otherIdentity: String {
        shell.scenario.certificate == .pinAgainstName ? "bob@example.org" : "dave@example.org"
    }

    private func base64(_ text: String) -> String { Base64.encode(Array(text.utf8)) }

    private mutating func change(_ adjust: (inout Scenario) -> Void) throws -> String? {
        adjust(&shell.scenario)
        try shell.reload()
        return nil
    }

    /// The code and the enhanced code of the last reply; HELO's has none.
    private mutating func reply(to line: String) -> String {
        guard !shell.isClosed else { return "closed before" }
        shell.receive(line + "\r\n")
        var last = shell.takeLines().last ?? "nothing"
        if last.hasPrefix("334 ") {
            shell.receive("\r\n")
            last = shell.takeLines().last ?? "nothing"
        }
        let words = last.split(separator: " ")
        let hasEnhancedCode = words.count > 1 && words[1].utf8.allSatisfy { $0 < 0x3A } && words[1].contains(".")
        return words.prefix(hasEnhancedCode ? 2 : 1).joined(separator: " ") + (shell.isClosed ? " closed" : "")
    }

    /// The mechanisms that EHLO's reply lists, or its code where it is refused.
    private mutating func ehlo() -> String {
        shell.receive("EHLO client.example.org\r\n")
        let lines = shell.takeLines()
        guard let last = lines.last, last.hasPrefix("250 ") else {
            return (lines.last ?? "nothing").split(separator: " ").prefix(2).joined(separator: " ")
        }
        let auth = lines.first { $0.dropFirst(4).hasPrefix("AUTH ") }
        return auth.map { String($0.dropFirst("250-AUTH ".count)) } ?? "none"
    }

    /// Sends a message in the open transaction: its keyword, account and sequence; `none` where it is not taken.
    private mutating func message() -> String {
        let before = shell.messages.count
        shell.receive("RCPT TO:<friend@example.net>\r\nDATA\r\nSubject: x\r\n\r\ntext\r\n.\r\n")
        _ = shell.takeLines()
        guard shell.messages.count == before + 1, let message = shell.messages.last else { return "none" }
        let header = String(decoding: message.octets.prefix(400), as: UTF8.self)
        let keyword = header.split(separator: " with ").dropFirst().first?.prefix { $0 != " " } ?? "?"
        return "\(keyword) \(message.submission.account) \(message.submission.sequence.rawValue)"
    }
}
