/// An enhanced status code: `5.7.8` (RFC 3463, RFC 5248). Its class always follows the reply's first digit, so only the
/// subject and the detail are kept.
public struct EnhancedCode: Hashable, Sendable {
    public let subject: UInt16
    public let detail: UInt16

    public init(_ subject: UInt16, _ detail: UInt16) {
        self.subject = subject
        self.detail = detail
    }
}
