import PosternMail

extension Extension {
    /// Content may hold 8-bit octets, and passes unchanged (RFC 6152).
    static let eightBitMIME = Extension(
        "8BITMIME", argument: { _ in "" },
        mailParameters: [
            "BODY": { value, parameters in
                let name = String(decoding: value?.map { $0.isASCIILetter ? $0 & 0xDF : $0 } ?? [], as: UTF8.self)
                parameters.body = Envelope.Body(rawValue: name)
                return parameters.body != nil
            }
        ]
    )
}
