import PosternMail

/// Where a setting was written, for whoever has to change it.
public enum Place: Hashable, Sendable, CustomStringConvertible {
    case file(String, line: Int)
    /// An option, as it was typed.
    case option(String)

    public var description: String {
        switch self {
        case .file(let path, let line): "\(SafeText.escape(path)), line \(line)"
        case .option(let option): option
        }
    }
}

/// A setting that has no effect here, and why. Mail goes all the same.
public struct SettingNote: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        case unknown(nearest: String?)
        /// msmtp knows it.
        case noEffect(reason: String)
    }

    public let key: String
    public let place: Place
    public let kind: Kind

    public var description: String {
        let key = SafeText.escape(key)
        switch kind {
        case .unknown(let nearest?):
            return "\(place): unknown key '\(key)', which is left out; did you mean '\(nearest)'?"
        case .unknown(nil): return "\(place): unknown key '\(key)', which is left out"
        case .noEffect(let reason): return "\(place): '\(key)' has no effect: \(reason)"
        }
    }
}

/// Why there is no account to send by. Everything of it ends with 78 (EX_CONFIG), and nothing is sent.
public enum AccountError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(String, reason: String)
    /// Others than its owner can read a file with a secret in it.
    case exposed(String, mode: String)
    case badLine(Place, found: String, expected: String)
    case unknownBase(Place, String)
    case evalFailed(Place, reason: String)
    /// Without it a connection would be less safe than its owner wanted.
    case unknownSecurity(Place, key: String, nearest: String?)
    case notDone(Place, key: String, instead: String)
    case badValue(Place, key: String, value: String, expected: String)
    /// `looked`: the files that were there, or would have been read.
    case noAccount(String, known: [String], looked: [String])
    case noHost(account: String)
    case certificateWithoutKey(account: String)
    case keyWithoutCertificate(account: String)
    case clearCredentials(account: String)
    case noPassword(account: String, user: String)
    case badPassword(source: String, reason: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): return "\(SafeText.escape(path)) cannot be read: \(reason)"
        case .exposed(let path, let mode):
            return "\(SafeText.escape(path)) holds a secret and has the mode \(mode): take it from others with "
                + "chmod 600 \(SafeText.escape(path))"
        case .badLine(let place, let found, let expected):
            return "\(place): expected \(expected), found '\(SafeText.escape(found))'"
        case .unknownBase(let place, let name):
            return "\(place): no account '\(SafeText.escape(name))' stands above this line"
        case .evalFailed(let place, let reason): return "\(place): the command of eval failed: \(reason)"
        case .unknownSecurity(let place, let key, let nearest):
            let advice = nearest.map { "; did you mean '\($0)'?" } ?? ""
            return
                "\(place): unknown key '\(SafeText.escape(key))'\(advice) It reads as if it made the connection safer, "
                + "so nothing is sent without it"
        case .notDone(let place, let key, let instead):
            return "\(place): '\(SafeText.escape(key))' is not done here, and nothing is sent without it: \(instead)"
        case .badValue(let place, let key, let value, let expected):
            return "\(place): \(key): expected \(expected), found '\(SafeText.escape(value))'"
        case .noAccount(let name, let known, let looked):
            let names = known.isEmpty ? "" : "; there are: \(known.map { SafeText.escape($0) }.joined(separator: ", "))"
            return
                "no account '\(SafeText.escape(name))' in \(looked.map { SafeText.escape($0) }.joined(separator: ", "))"
                + names + (known.isEmpty ? "; or name a server with --server" : "")
        case .noHost(let account): return "account '\(SafeText.escape(account))': no host is set"
        case .certificateWithoutKey(let account):
            return "account '\(SafeText.escape(account))': tls_cert_file is set and tls_key_file is not"
        case .keyWithoutCertificate(let account):
            return "account '\(SafeText.escape(account))': tls_key_file is set and tls_cert_file is not"
        case .clearCredentials(let account):
            return
                "account '\(SafeText.escape(account))': tls is off, and it has a certificate or a password, which never go "
                + "out in clear: write 'tls on'"
        case .noPassword(let account, let user):
            return "account '\(SafeText.escape(account))': user '\(SafeText.escape(user))' has no password: write "
                + "passwordeval or password, or give --password-file or --password-credential"
        case .badPassword(let source, let reason):
            return "the password from \(SafeText.escape(source)) cannot be used: \(reason)"
        }
    }
}
