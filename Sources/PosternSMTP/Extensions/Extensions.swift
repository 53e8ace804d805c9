import PosternMail

/// An extension of SMTP: how EHLO lists it and which parameters it gives to MAIL and RCPT (RFC 5321 §2.2).
///
/// A new one is a file in this folder and its row in `all`.
public struct Extension: Sendable {
    /// Takes a parameter's value, nil where none stands behind the keyword. False where it is malformed.
    typealias Read<Parameters> = @Sendable (ArraySlice<UInt8>?, inout Parameters) -> Bool

    public let keyword: String
    /// What stands behind the keyword in the reply to EHLO: empty for a bare keyword, nil where it is not offered.
    let argument: @Sendable (Offer) -> String?
    /// The parameters of MAIL that it defines, by their keyword.
    let mailParameters: [String: Read<MailParameters>]
    /// Likewise of RCPT.
    let recipientParameters: [String: Read<RecipientParameters>]

    init(
        _ keyword: String, argument: @escaping @Sendable (Offer) -> String?,
        mailParameters: [String: Read<MailParameters>] = [:],
        recipientParameters: [String: Read<RecipientParameters>] = [:]
    ) {
        self.keyword = keyword
        self.argument = argument
        self.mailParameters = mailParameters
        self.recipientParameters = recipientParameters
    }

    /// All that are known, in the order in which EHLO lists them.
    public static let all: [Extension] = [
        .pipelining, .size, .eightBitMIME, .enhancedStatusCodes, .chunking, .deliveryStatus, .limits, .startTLS,
        .authentication,
    ]

    /// The lines that EHLO's reply lists under this offer.
    public static func lines(for offer: Offer) -> [String] {
        all.compactMap { row in
            row.argument(offer).map { $0.isEmpty ? row.keyword : "\(row.keyword) \($0)" }
        }
    }
}

/// What a session can offer at this moment.
public struct Offer: Sendable {
    /// TLS can be started: it is not yet running and a certificate is at hand.
    public var canStartTLS: Bool
    /// The largest message in octets.
    public var maximumSize: Int
    /// Recipients of one message.
    public var maximumRecipients: Int
    /// MAIL commands in one session.
    public var maximumTransactions: Int
    /// The names of the SASL mechanisms, first the preferred one; empty before TLS.
    public var mechanisms: [String]

    public init(
        canStartTLS: Bool, maximumSize: Int, maximumRecipients: Int, maximumTransactions: Int, mechanisms: [String]
    ) {
        self.canStartTLS = canStartTLS
        self.maximumSize = maximumSize
        self.maximumRecipients = maximumRecipients
        self.maximumTransactions = maximumTransactions
        self.mechanisms = mechanisms
    }
}

extension Extension {
    /// Reads `KEY=VALUE KEY …` (RFC 5321 §4.1.2 Mail-parameters, Rcpt-parameters).
    /// - Parameter table: the parameters that each extension gives to the command.
    static func read<Parameters>(
        _ text: ArraySlice<UInt8>, by table: KeyPath<Extension, [String: Read<Parameters>]>,
        into parameters: inout Parameters
    ) throws(CommandError) {
        var seen: Set<String> = []
        for word in text.split(separator: .space) {
            let end = word.firstIndex(of: UInt8(ascii: "=")) ?? word.endIndex
            let keyword = String(decoding: word[..<end].map { $0.isASCIILetter ? $0 & 0xDF : $0 }, as: UTF8.self)
            let value = end < word.endIndex ? word[(end + 1)...] : nil
            guard let parse = all.lazy.compactMap({ $0[keyPath: table][keyword] }).first else {
                throw .unknownParameter
            }
            guard seen.insert(keyword).inserted, parse(value, &parameters) else {
                throw .badParameter(keyword: keyword)
            }
        }
    }
}
