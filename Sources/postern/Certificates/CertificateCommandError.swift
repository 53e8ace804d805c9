import ArgumentParser
import PosternCertificates
import PosternMail

/// Why a command about certificates failed, besides `NewFileError` and `IssuingError`.
enum CertificateCommandError: CommandError {
    case badAddress(String)
    case unreadable(String, reason: String)
    case authorityExpired(String)
    case archive(String, reason: String)
    case opensslMissing(String)
    case badArchivePassword(String)

    var description: String {
        switch self {
        case .badAddress(let text):
            "expected an address with a whole domain, such as alice@example.org, found '\(SafeText.escape(text))'"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .authorityExpired(let path):
            "\(path) has expired: make a new authority with `postern certificate authority` in another folder"
        case .archive(let path, let reason): "\(path) was not made: \(reason)"
        case .opensslMissing(let path): "\(path) was not made: it takes the command openssl, which is not installed"
        case .badArchivePassword(let path): "expected a password in the first line of \(path), of 1 to 200 octets"
        }
    }

    var status: ExitCode {
        switch self {
        case .badAddress, .badArchivePassword, .authorityExpired: .dataError
        case .unreadable: .noInput
        case .archive: .cannotCreate
        case .opensslMissing: .unavailable
        }
    }
}

extension IssuingError: CommandError {
    var status: ExitCode { .dataError }
}
