extension Extension {
    /// Replies carry a code of RFC 3463 (RFC 2034).
    static let enhancedStatusCodes = Extension("ENHANCEDSTATUSCODES") { _ in "" }
}
