public import PosternSMTP

extension Reply {
    /// The reply on one line, cut where a server says more than a log or a report wants.
    public var summary: String {
        let numbers = enhanced.map { "\(code) \(code / 100).\($0.subject).\($0.detail)" } ?? "\(code)"
        let text = String(lines.joined(separator: " / ").prefix(500))
        return text.isEmpty ? numbers : "\(numbers) \(text)"
    }

    /// RFC 5321 §4.2.1: whether the answer is 2yz.
    public var isPositive: Bool { code / 100 == 2 }
    /// 4yz or 5yz, what a command may be refused with.
    public var isRefusal: Bool { code >= 400 }
}
