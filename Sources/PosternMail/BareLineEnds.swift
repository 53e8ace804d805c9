/// What becomes of a CR or an LF that stands alone in a message (RFC 5321 §2.3.8: clients must not send any).
///
/// Either way the end of the message is where it would be without it: only CRLF, dot, CRLF ends what comes by DATA.
public enum BareLineEnds: String, Hashable, Sendable, CaseIterable {
    /// The message is refused at its end.
    case refuse
    /// Each becomes CRLF, for devices that cannot be taught otherwise.
    case normalize
}
