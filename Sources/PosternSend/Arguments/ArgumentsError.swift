import PosternMail

/// Why a command line is not understood. Everything of it ends with 64 (EX_USAGE), and nothing is sent.
public enum ArgumentsError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownOption(String, nearest: String?)
    case argumentMissing(option: String)
    case argumentNotAllowed(option: String)
    case badArgument(option: String, value: String, expected: String)
    /// Something that other programs of this name do, and this one does not.
    case notDone(option: String, instead: String)
    case noRecipients

    public var description: String {
        switch self {
        case .unknownOption(let option, let nearest?):
            "unknown option \(SafeText.escape(option)); did you mean \(nearest)?"
        case .unknownOption(let option, nil): "unknown option \(SafeText.escape(option))"
        case .argumentMissing(let option): "\(option): an argument is missing behind it"
        case .argumentNotAllowed(let option): "\(option) takes no argument"
        case .badArgument(let option, let value, let expected):
            "\(option): expected \(expected), found '\(SafeText.escape(value))'"
        case .notDone(let option, let instead): "\(SafeText.escape(option)) is not done here: \(instead)"
        case .noRecipients: "no recipients: name them, or read them from the header with -t"
        }
    }
}
