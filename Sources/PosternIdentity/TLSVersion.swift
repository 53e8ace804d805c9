/// The versions of TLS that are spoken (RFC 8997: none below 1.2).
public enum TLSVersion: String, Hashable, Comparable, Sendable, CaseIterable {
    case v12 = "1.2"
    case v13 = "1.3"

    public static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left == .v12 && right == .v13
    }
}
