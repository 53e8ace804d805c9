extension Extension {
    /// Commands may be sent without waiting for replies (RFC 2920).
    static let pipelining = Extension("PIPELINING") { _ in "" }
}
