import PosternSMTP

extension Reply {
    /// By which name the server's queue knows the message: as Postfix, Postern and others (`queued as`), Exim (`id=`) and
    /// Sendmail (before `Message accepted`) say it.
    var queueID: String? {
        let words = lines.joined(separator: " ").split(separator: " ")
        let lower = words.map { $0.lowercased() }
        if let index = lower.indices.dropLast(2).first(where: { lower[$0] == "queued" && lower[$0 + 1] == "as" }) {
            return Self.name(words[index + 2])
        }
        if let word = words.first(where: { $0.lowercased().hasPrefix("id=") }) { return Self.name(word.dropFirst(3)) }
        if let index = lower.indices.dropLast().first(where: { lower[$0 + 1] == "message" }), index == 0,
            lower.count > 2,
            lower[2] == "accepted"
        {
            return Self.name(words[0])
        }
        return nil
    }

    private static func name(_ word: Substring) -> String? {
        let name = word.trimming { ".,;()<>".contains($0) }
        return name.isEmpty ? nil : name
    }
}

extension Substring {
    fileprivate func trimming(_ isEdge: (Character) -> Bool) -> String {
        let start = drop(while: isEdge)
        return String(String(start.reversed()).drop(while: isEdge).reversed())
    }
}
