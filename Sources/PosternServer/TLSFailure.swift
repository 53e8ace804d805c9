import NIOSSL

/// Errors of TLS, in the handshake and after it, in words that an operator can act on.
enum TLSFailure {
    static func words(_ error: any Error) -> String {
        let text = "\(error)"
        // The library names its errors by what BoringSSL printed; these are the ones that clients' settings cause.
        let causes = [
            ("HTTP_REQUEST", "a request of HTTP came instead of a TLS handshake"),
            ("WRONG_VERSION_NUMBER", "what came is no TLS; does the client expect STARTTLS here?"),
            ("UNSUPPORTED_PROTOCOL", "the client speaks no TLS 1.2 or later"),
            ("NO_SHARED_CIPHER", "client and server have no cipher suite in common"),
            ("ALERT_UNKNOWN_CA", "the client does not trust the server's certificate (alert unknown_ca)"),
            ("ALERT_BAD_CERTIFICATE", "the client does not accept the server's certificate (alert bad_certificate)"),
            (
                "ALERT_CERTIFICATE_UNKNOWN",
                "the client does not accept the server's certificate (alert certificate_unknown)"
            ),
            ("ALERT_CERTIFICATE_EXPIRED", "the client finds the server's certificate expired"),
            ("NO_RENEGOTIATION", "the client asked for renegotiation, which is not offered"),
            ("CERTIFICATE_VERIFY_FAILED", "the client's certificate is not usable (setting unusable: abort)"),
        ]
        return causes.first { text.contains($0.0) }?.1 ?? text
    }
}
