/// A server as people write it: `mail.example.org`, `mail.example.org:587`, `192.0.2.1` or `[2001:db8::1]:465`.
public struct ServerAddress: Hashable, Sendable {
    /// A name or an address, without brackets.
    public let host: String
    /// From 1 to 65535; nil where none was written.
    public let port: Int?

    /// - Returns: nil where it has no host, or a port that is none.
    public init?(_ text: String) {
        guard let (host, port) = Self.parts(of: text), !host.isEmpty else { return nil }
        self.host = String(host)
        guard let port else {
            self.port = nil
            return
        }
        guard let number = Int(port), (1...65_535).contains(number) else { return nil }
        self.port = number
    }

    private static func parts(of text: String) -> (host: Substring, port: Substring?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = text[..<end].dropFirst()
            let rest = text[end...].dropFirst()
            if rest.isEmpty { return (host, nil) }
            return rest.hasPrefix(":") ? (host, rest.dropFirst()) : nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        // An IPv6 address without brackets has no port.
        return parts.count == 2 ? (parts[0], parts[1]) : (text[...], nil)
    }
}
