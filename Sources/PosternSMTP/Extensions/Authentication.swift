import PosternMail

extension Extension {
    /// AUTH and its mechanisms, and who submitted a message first (RFC 4954 §3, §5).
    static let authentication = Extension(
        "AUTH", source: "RFC 4954",
        argument: { $0.mechanisms.isEmpty ? nil : $0.mechanisms.joined(separator: " ") },
        mailParameters: [
            "AUTH": { value, parameters in
                guard let value, let octets = Xtext.decode(value) else { return false }
                if octets.elementsEqual("<>".utf8) {
                    parameters.submitter = .null
                    return true
                }
                guard let mailbox = Mailbox(octets) else { return false }
                parameters.submitter = .mailbox(mailbox)
                return true
            }
        ]
    )
}
