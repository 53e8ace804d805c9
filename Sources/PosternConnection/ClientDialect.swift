/// What is spoken over a connection.
public enum ClientDialect: Hashable, Sendable {
    case smtp
    /// RFC 2033: LHLO, and a reply for each recipient after the end of data.
    case lmtp
}
