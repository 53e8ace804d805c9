extension Form where Value == NextHop {
    static var nextHop: Form {
        Form(expected: "maildir:DIR or discard:") { text, folder throws(Refusal) in
            if text == "discard:" || text == "discard" { return .discard }
            if text.hasPrefix("maildir:") {
                let path = text.dropFirst("maildir:".count)
                guard !path.isEmpty else { throw Refusal(advice: "write the folder behind 'maildir:'") }
                guard !path.hasPrefix("~") else { throw Refusal(advice: "'~' is the shell's: write the folder out") }
                return .maildir(folder.resolve(String(path)))
            }
            throw Refusal(advice: advice(for: text))
        } write: {
            switch $0 {
            case .discard: "discard:"
            case .maildir(let path): "maildir:\(path)"
            }
        }
    }

    private static func advice(for text: String) -> String {
        if text == "maildir" { return "write the folder behind it: maildir:DIR" }
        if text.hasPrefix("discard:") { return "nothing follows 'discard:'" }
        if text.hasPrefix("lmtp:") {
            return "this version does not speak LMTP to a next hop: it delivers to maildir: or discard: only"
        }
        if text.hasPrefix("/") || text.hasPrefix(".") { return "for a Maildir write 'maildir:\(text)'" }
        return "this version does not send mail on by SMTP: it delivers to maildir: or discard: only"
    }
}
