/// How much of a message its sender wants back with the report of a failure (RFC 3461 §4.3, RET).
public enum ReturnedContent: String, Hashable, Sendable {
    case whole = "FULL"
    case header = "HDRS"
}
