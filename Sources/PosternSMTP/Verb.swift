import PosternMail

/// The commands that the server knows, whether or not it offers them.
public enum Verb: String, Hashable, Sendable, CaseIterable {
    case ehlo = "EHLO"
    case helo = "HELO"
    case mail = "MAIL"
    case rcpt = "RCPT"
    case data = "DATA"
    case bdat = "BDAT"
    case rset = "RSET"
    case noop = "NOOP"
    case quit = "QUIT"
    case vrfy = "VRFY"
    case expn = "EXPN"
    case help = "HELP"
    case startTLS = "STARTTLS"
    case auth = "AUTH"

    /// The verb at the head of a line, in any case of letters (RFC 5321 §2.4).
    init?(_ word: ArraySlice<UInt8>) {
        guard word.count <= 8 else { return nil }
        self.init(rawValue: String(decoding: word.map { $0.isASCIILetter ? $0 & 0xDF : $0 }, as: UTF8.self))
    }
}
