import PosternMail

/// What was done to a header, for whoever wants to know.
public enum HeaderEdit: Hashable, Sendable, CustomStringConvertible {
    case removed(String)
    case added(String)
    /// By RFC 2047.
    case encoded(String)
    case completed(field: String, from: String, to: String)

    public var description: String {
        switch self {
        case .removed(let name): "removed \(name)"
        case .added(let field): "added \(SafeText.escape(field))"
        case .encoded(let name): "encoded the text of \(SafeText.escape(name)) in ASCII"
        case .completed(let field, let from, let to): "completed \(field): \(SafeText.escape(from)) is \(to)"
        }
    }
}
