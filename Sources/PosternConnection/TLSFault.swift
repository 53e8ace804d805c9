/// What went wrong in TLS, so that somebody can act upon it.
public enum TLSFault: Hashable, Sendable {
    /// The server's certificate is not of a trusted authority, or not valid now.
    case untrusted
    /// The server's certificate is for other names: these.
    case foreignName([String])
    /// What came is no TLS.
    case notTLS
    case tooOld
    /// TLS came where a greeting in clear was awaited.
    case spokenAtOnce
    /// An alert of the server says that it does not take the client's certificate (RFC 8446 §6.2).
    case certificateRefused
    /// An alert of the server says that it wants a certificate.
    case certificateRequired
    /// The client's own key could not be had.
    case keyUnavailable
    case other

    /// - Parameter names: those of the server's certificate, if it has come.
    public init(_ error: any Error, names: [String] = []) {
        let text = "\(error)"
        let faults = Self.marks(names).first { text.contains($0.mark) }
        self = faults?.fault ?? .other
    }

    /// The library names its errors by what BoringSSL printed.
    private static func marks(_ names: [String]) -> [(mark: String, fault: TLSFault)] {
        [
            ("CERTIFICATE_VERIFY_FAILED", .untrusted),
            ("failedToValidateHostname", .foreignName(names)),
            ("WRONG_VERSION_NUMBER", .notTLS),
            ("UNSUPPORTED_PROTOCOL", .tooOld),
            ("ALERT_PROTOCOL_VERSION", .tooOld),
            ("PRIVATE_KEY_OPERATION_FAILED", .keyUnavailable),
            ("ALERT_CERTIFICATE_REQUIRED", .certificateRequired),
            // 42 to 46, 48 and 49. Some servers say 40, 47 or 51 of a certificate, and of much else.
            ("ALERT_BAD_CERTIFICATE", .certificateRefused),
            ("ALERT_UNSUPPORTED_CERTIFICATE", .certificateRefused),
            ("ALERT_CERTIFICATE_REVOKED", .certificateRefused),
            ("ALERT_CERTIFICATE_EXPIRED", .certificateRefused),
            ("ALERT_CERTIFICATE_UNKNOWN", .certificateRefused),
            ("ALERT_UNKNOWN_CA", .certificateRefused),
            ("ALERT_ACCESS_DENIED", .certificateRefused),
        ]
    }

    /// Nil for what only the error's own words tell.
    public var words: String? {
        switch self {
        case .untrusted: "the server's certificate is not of a trusted authority, or not valid now"
        case .foreignName: "the server's certificate is for another name"
        case .notTLS: "what came is no TLS; does the server expect STARTTLS here?"
        case .tooOld: "the server speaks no TLS 1.2 or later"
        case .spokenAtOnce, .certificateRefused, .certificateRequired, .keyUnavailable, .other: nil
        }
    }
}

/// Errors of TLS in words that an operator can act on.
public enum ClientTLSFailure {
    public static func words(_ error: any Error) -> String { TLSFault(error).words ?? "\(error)" }
}
