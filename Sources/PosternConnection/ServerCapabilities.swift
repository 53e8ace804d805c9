public import PosternSMTP

/// What a server offers in its reply to EHLO or LHLO (RFC 5321 §4.1.1.1).
public struct ServerCapabilities: Hashable, Sendable {
    /// Keywords in capitals, with what stands behind them.
    private var arguments: [String: String] = [:]

    /// A server that knows HELO alone.
    public init() {}

    /// - Parameter reply: its first line is the server's name.
    public init(_ reply: Reply) {
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1)
            guard let keyword = words.first else { continue }
            arguments[keyword.uppercased()] = words.count > 1 ? String(words[1]) : ""
        }
    }

    public var offersPipelining: Bool { arguments["PIPELINING"] != nil }
    public var offersEightBitMIME: Bool { arguments["8BITMIME"] != nil }
    /// RFC 6531.
    public var offersInternationalMail: Bool { arguments["SMTPUTF8"] != nil }
    public var offersStartTLS: Bool { arguments["STARTTLS"] != nil }
    public var offersChunking: Bool { arguments["CHUNKING"] != nil }
    public var offersDSN: Bool { arguments["DSN"] != nil }
    public var offersSize: Bool { arguments["SIZE"] != nil }

    /// The largest message; nil where there is no limit, or none is told (RFC 1870 §4: 0 is none).
    public var maximumSize: Int? {
        guard let size = arguments["SIZE"].flatMap({ Int($0) }), size > 0 else { return nil }
        return size
    }

    /// The SASL mechanisms (RFC 4954 §3).
    public var mechanisms: [String] {
        (arguments["AUTH"] ?? "").split(separator: " ").map { $0.uppercased() }
    }

    /// RFC 9422 §4.1: how many transactions one connection may have.
    public var maximumTransactions: Int? { limit("MAILMAX") }
    /// RFC 9422 §4.2: how many recipients one transaction may have.
    public var maximumRecipients: Int? { limit("RCPTMAX") }
    /// RFC 9422 §4.3: of how many domains the recipients of one transaction may be.
    public var maximumRecipientDomains: Int? { limit("RCPTDOMAINMAX") }

    /// A value that is no number from 1 on is none (RFC 9422 §3.1).
    private func limit(_ name: String) -> Int? {
        let words = (arguments["LIMITS"] ?? "").split(separator: " ")
        let value = words.first { $0.uppercased().hasPrefix("\(name)=") }?.dropFirst(name.count + 1)
        guard let number = value.flatMap({ Int($0) }), number > 0 else { return nil }
        return number
    }
}
