/// A port of a submission server, and what is spoken there.
public struct SubmissionPort: Hashable, Sendable, CustomStringConvertible {
    public enum Security: Hashable, Sendable {
        /// TLS with the first octet (RFC 8314 §3.3).
        case implicitTLS
        /// STARTTLS, or nothing (RFC 3207).
        case startTLS
        /// No TLS at all. Nobody who has a credential is let through to such a port.
        case none
    }

    public var number: Int
    public var security: Security

    public init(_ number: Int, _ security: Security) {
        self.number = number
        self.security = security
    }

    /// 465 (RFC 8314 §7.3).
    public static let submissions = SubmissionPort(465, .implicitTLS)
    /// 587 with STARTTLS (RFC 6409 §3.1).
    public static let submission = SubmissionPort(587, .startTLS)

    public var description: String {
        switch security {
        case .implicitTLS: "\(number), TLS at once"
        case .startTLS: "\(number), STARTTLS"
        case .none: "\(number), no TLS"
        }
    }
}
