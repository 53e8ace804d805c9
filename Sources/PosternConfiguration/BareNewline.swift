/// What becomes of a CR or an LF that stands alone in a message.
public enum BareNewline: String, Sendable, CaseIterable {
    /// The message is refused.
    case refuse
    /// Each becomes CRLF.
    case normalize
}
