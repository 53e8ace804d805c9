import NIOCore
import PosternSMTP

/// A dialogue for a person to read: `C:` and `S:` before each line. What AUTH says is left out, and so is content.
struct Transcript: Sendable {
    /// Lines; a dialogue that is longer is of no use to anybody.
    private static let limit = 1_000
    private static let lineLimit = 500

    private(set) var lines: [String] = []
    private var input = ""

    /// - Parameter isSecret: whether AUTH is under way, before or after the event.
    mutating func note(_ event: ClientSession.Event, _ actions: [ClientSession.Action], isSecret: Bool) {
        var isContent = false
        switch event {
        case .bytes(let octets): hear(octets, isSecret: isSecret)
        case .certificateRequested: add("-- the server asks for a certificate")
        case .certificateShown: add("-- the client shows its certificate")
        case .tlsEstablished: add("-- TLS")
        case .lost(let reason, _): add("-- \(reason)")
        case .body, .lastBody, .bodyEnded: isContent = true
        case .connected, .proved, .bodyFailed, .next, .quit, .tick: break
        }
        for case .send(let octets) in actions {
            isContent ? add("C: [\(octets.readableBytes) octets]") : say(octets, isSecret: isSecret)
        }
    }

    private mutating func hear(_ octets: ByteBuffer, isSecret: Bool) {
        input += String(buffer: octets)
        while let end = input.utf8.firstIndex(of: 10) {
            let line = String(input[..<end])
            input = String(input[input.index(after: end)...])
            // A challenge of SCRAM, of which a password might be guessed.
            let isChallenge = isSecret && line.hasPrefix("334 ") && line.utf8.count > 6
            add("S: \(isChallenge ? "334 ****" : line)")
        }
        // What is no line by now is no SMTP.
        if input.utf8.count > Self.lineLimit * 10 { input = "" }
    }

    private mutating func say(_ octets: ByteBuffer, isSecret: Bool) {
        for line in String(buffer: octets).split(whereSeparator: \.isNewline) {
            add("C: \(isSecret ? Self.redacted(line) : String(line))")
        }
        // An empty line is said in AUTH alone.
        if octets.readableBytes == 2 { add("C: ") }
    }

    /// The verb and the mechanism show, and so does whether there is an initial response.
    private static func redacted(_ line: Substring) -> String {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.first == "AUTH" else { return isCommand(line) ? String(line) : "****" }
        guard words.count > 2, words[2] != "=" else { return String(line) }
        return "\(words[0]) \(words[1]) ****"
    }

    /// What follows a completed AUTH in the same event.
    private static func isCommand(_ line: Substring) -> Bool {
        ["MAIL FROM:", "RCPT TO:", "DATA", "QUIT", "RSET"].contains { line.hasPrefix($0) && line.contains($0) }
    }

    private mutating func add(_ line: String) {
        guard lines.count < Self.limit else { return }
        let visible = line.unicodeScalars.filter { $0 != "\r" }.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }
        lines.append(String(String.UnicodeScalarView(visible.prefix(Self.lineLimit))))
    }
}
