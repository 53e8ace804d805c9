import PosternMail

extension Extension {
    /// AUTH and its mechanisms, and who submitted a message first (RFC 4954 §3, §5). Of the latter the form is looked at
    /// and nothing is kept: no client here is trusted to speak for others, and nothing is passed on in its words.
    static let authentication = Extension(
        "AUTH",
        argument: { $0.mechanisms.isEmpty ? nil : $0.mechanisms.joined(separator: " ") },
        mailParameters: [
            "AUTH": { value, _ in
                guard let value, let octets = Xtext.decode(value) else { return false }
                return octets.elementsEqual("<>".utf8) || Mailbox(octets) != nil
            }
        ]
    )
}
