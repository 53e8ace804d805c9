import Glibc
import NIOCore
import NIOSSL

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
    /// An alert of the server says that it does not go on (RFC 8446 §6.2), and not why: before TLS 1.3 also for want of a
    /// certificate.
    case handshakeRefused
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
            ("ALERT_HANDSHAKE_FAILURE", .handshakeRefused),
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
    fileprivate var words: String? {
        switch self {
        case .untrusted: "the server's certificate is not of a trusted authority, or not valid now"
        case .foreignName: "the server's certificate is for another name"
        case .notTLS: "what came is no TLS; does the server expect STARTTLS here?"
        case .tooOld: "the server speaks no TLS 1.2 or later"
        case .spokenAtOnce, .certificateRefused, .certificateRequired, .keyUnavailable, .handshakeRefused, .other: nil
        }
    }
}

/// Errors of a connection with TLS in words that an operator can act on.
public enum ClientTLSFailure {
    public static func words(_ error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        if isEnd(error) { return "closed by the other side" }
        return TLSFault(error).words ?? boringWords("\(error)") ?? "\(error)"
    }

    /// Whether the other side has closed, and said nothing of TLS.
    public static func isEnd(_ error: any Error) -> Bool {
        let ends: [NIOSSLError] = [
            .uncleanShutdown, .handshakeFailed(.sslError([.eofDuringHandshake])), .handshakeFailed(.zeroReturn),
            .handshakeFailed(.syscallError),
        ]
        return (error as? NIOSSLError).map(ends.contains) ?? false
    }

    /// What BoringSSL printed ends with its name of the fault, and the place in a source that was read where it was built.
    private static func boringWords(_ text: String) -> String? {
        guard let start = text.firstRange(of: "OPENSSL_internal:")?.upperBound else { return nil }
        let name = text[start...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard let alert = name.firstRange(of: "ALERT_")?.upperBound else { return "TLS: \(plain(name))" }
        return "the other side ended TLS with the alert '\(plain(name[alert...]))'"
    }

    private static func plain(_ name: Substring) -> String {
        name.lowercased().split(separator: "_").joined(separator: " ")
    }
}
