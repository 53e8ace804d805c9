import PosternSMTP

extension Reply {
    /// The numbers, and of a refusal the beginning of its text.
    var shortSummary: String {
        let numbers = enhanced.map { "\(code) \(code / 100).\($0.subject).\($0.detail)" } ?? "\(code)"
        guard code >= 400, let text = lines.first, !text.isEmpty else { return numbers }
        return "\(numbers) \(text.prefix(60))"
    }
}
