extension Extension {
    /// TLS on a connection that began in clear (RFC 3207). Never listed inside TLS (§4.2).
    static let startTLS = Extension("STARTTLS") { $0.canStartTLS ? "" : nil }
}
