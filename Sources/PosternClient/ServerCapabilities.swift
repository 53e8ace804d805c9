import PosternMail
import PosternSMTP

/// What a server offers in its reply to EHLO or LHLO (RFC 5321 §4.1.1.1).
struct ServerCapabilities: Hashable, Sendable {
    /// Keywords in capitals, with what stands behind them.
    private var arguments: [String: String] = [:]

    /// A server that knows HELO alone.
    init() {}

    /// - Parameter reply: its first line is the server's name.
    init(_ reply: Reply) {
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1)
            guard let keyword = words.first else { continue }
            arguments[keyword.uppercased()] = words.count > 1 ? String(words[1]) : ""
        }
    }

    var offersPipelining: Bool { arguments["PIPELINING"] != nil }
    var offersEightBitMIME: Bool { arguments["8BITMIME"] != nil }
    var offersStartTLS: Bool { arguments["STARTTLS"] != nil }
    var offersDSN: Bool { arguments["DSN"] != nil }
    var offersSize: Bool { arguments["SIZE"] != nil }

    /// The largest message; nil where there is no limit, or none is told (RFC 1870 §4: 0 is none).
    var maximumSize: Int? {
        guard let size = arguments["SIZE"].flatMap({ Int($0) }), size > 0 else { return nil }
        return size
    }
}
