import PosternMail

extension Extension {
    /// The largest message that is taken, and what the client says of its own (RFC 1870).
    static let size = Extension(
        "SIZE", argument: { String($0.maximumSize) },
        mailParameters: [
            "SIZE": { value, parameters in
                // RFC 1870 §5: 1 to 20 digits. What does not fit is as large as can be told.
                guard let value, (1...20).contains(value.count), value.allSatisfy(\.isASCIIDigit) else { return false }
                parameters.size = UInt64(String(decoding: value, as: UTF8.self)) ?? .max
                return true
            }
        ]
    )
}
