import Glibc
public import PosternClient
public import PosternMail

/// Keeps for seven days what has worked with a certificate, in a small file: each call of the command is a process of its
/// own. What cannot be read or written is not known the next time; no mail depends on it.
public actor FileCertificateMemory: CertificateMemory {
    private static let lifetime: Int64 = 7 * 86_400
    private static let limit = 1 << 20

    private let path: String
    private let now: @Sendable () -> Timestamp

    public init(path: String, now: @escaping @Sendable () -> Timestamp) {
        self.path = path
        self.now = now
    }

    public func result(at place: CertificatePlace) -> CertificateResult? {
        entries().first { $0.place == place }?.result
    }

    public func remember(_ result: CertificateResult?, at place: CertificatePlace) {
        var entries = entries().filter { $0.place != place }
        if let result { entries.append(Entry(since: now().seconds, place: place, result: result)) }
        try? write(entries)
    }

    private struct Entry {
        var since: Int64
        var place: CertificatePlace
        var result: CertificateResult
    }

    private func entries() -> [Entry] {
        guard let file = try? SpoolFolder.open(path, O_RDONLY), let octets = try? file.contents(Self.limit) else {
            return []
        }
        let oldest = now().seconds - Self.lifetime
        return octets.split(separator: .lineFeed).compactMap { line -> Entry? in
            let words = line.split(separator: .space).map { String(decoding: $0, as: UTF8.self) }
            guard words.count >= 5, let since = Int64(words[0]), since >= oldest, since <= now().seconds,
                let port = Int(words[2]), let result = Self.result(words[4...])
            else { return nil }
            return Entry(
                since: since, place: CertificatePlace(host: words[1], port: port, publicKeyHash: words[3]),
                result: result)
        }
    }

    private static func result(_ words: ArraySlice<String>) -> CertificateResult? {
        switch words.first {
        case "implicit": return .implicit
        case "refused": return .refused
        case "external":
            guard let identity = words.dropFirst().first else { return .external(authorizationIdentity: nil) }
            return Xtext.decode(identity.utf8).map {
                .external(authorizationIdentity: String(decoding: $0, as: UTF8.self))
            }
        default: return nil
        }
    }

    private static func words(_ result: CertificateResult) -> String {
        switch result {
        case .implicit: "implicit"
        case .refused: "refused"
        case .external(nil): "external"
        case .external(let identity?): "external \(String(decoding: Xtext.encode(identity.utf8), as: UTF8.self))"
        }
    }

    private func write(_ entries: [Entry]) throws(FileFault) {
        if let slash = path.lastIndex(of: "/") { try SpoolFolder.make(String(path[..<slash])) }
        let lines = entries.map { entry in
            let place = entry.place
            return "\(entry.since) \(place.host) \(place.port) \(place.publicKeyHash) \(Self.words(entry.result))\n"
        }
        // Another process may be writing its own.
        let new = "\(path).\(getpid())"
        unlink(new)
        let file = try SpoolFolder.open(new, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(Array(lines.joined().utf8))
        try SpoolFolder.rename(new, to: path)
    }
}
