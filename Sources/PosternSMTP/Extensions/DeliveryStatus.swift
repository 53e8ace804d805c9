import PosternMail

extension Extension {
    /// The sender says of what it wants to hear (RFC 3461). None of it changes what becomes of the message (§4.5, §5.1).
    static let deliveryStatus = Extension(
        "DSN", argument: { _ in "" },
        mailParameters: [
            "RET": { value, parameters in
                let name = String(decoding: value?.map { $0.isASCIILetter ? $0 & 0xDF : $0 } ?? [], as: UTF8.self)
                parameters.returnedContent = ReturnedContent(rawValue: name)
                return parameters.returnedContent != nil
            },
            "ENVID": { value, parameters in
                parameters.envelopeID = value.flatMap { EnvelopeID(xtext: $0) }
                return parameters.envelopeID != nil
            },
        ],
        recipientParameters: [
            "NOTIFY": { value, parameters in
                parameters.notify = value.flatMap { Notify($0) }
                return parameters.notify != nil
            },
            "ORCPT": { value, parameters in
                parameters.originalRecipient = value.flatMap { OriginalRecipient(parameter: $0) }
                return parameters.originalRecipient != nil
            },
        ]
    )
}
