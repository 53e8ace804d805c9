public import PosternClient
public import PosternMail

/// An account as it is used: a server, how it is spoken to, by what one logs in, and what is done to messages.
public struct SendAccount: Sendable {
    public enum Trust: Hashable, Sendable {
        case system
        case file(String)
    }

    public struct Certificate: Hashable, Sendable {
        public var certificate: String
        /// The same file for PKCS#12.
        public var key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Where a password comes from.
    public enum PasswordSource: Hashable, Sendable {
        case written(HiddenText)
        /// The first line that a command prints.
        case command(String)
        case file(String)
        /// A file of $CREDENTIALS_DIRECTORY, as systemd hands them out.
        case credential(String)
    }

    public struct Login: Hashable, Sendable {
        public var user: String
        public var password: PasswordSource
    }

    /// When a field is added to a header.
    public enum FromRule: String, Hashable, Sendable {
        case auto
        case on
        case off
    }

    public struct HeaderRules: Hashable, Sendable {
        public var from = FromRule.auto
        public var addsDate = true
        public var addsMessageID = true
        public var removesBcc = true
        public var hidesRecipients = false

        public init() {}
    }

    public var name: String
    public var host: String
    /// In the order in which they are tried.
    public var ports: [SubmissionPort]
    /// For EHLO.
    public var hostname: String
    public var trust = Trust.system
    public var certificate: Certificate?
    public var login: Login?
    /// Of the certificate's key, where it has one.
    public var passphrase: PasswordSource?
    /// Who the certificate is for, where it must be said.
    public var user: String?
    public var timeout: Duration?
    /// The envelope's sender; a pattern for several as msmtp has it matches and names nobody.
    public var from: String?
    public var allowsOtherSenders = true
    public var fullName: String?
    public var notify: Notify?
    public var returnedContent: ReturnedContent?
    public var header = HeaderRules()
    public var aliases: String?
    public var logFile: String?
    /// For strftime(3), as msmtp has it.
    public var logTimeFormat = "%b %d %H:%M:%S"
    public var systemLog: SystemLogFacility?
    public var notes: [SettingNote] = []

    /// Who the certificate is for, for a server that wants to be told: by the account's `user`, else by its address.
    public var certificateUser: String? {
        user ?? from.flatMap { $0.isSenderPattern || !$0.contains("@") ? nil : $0 }
    }

    /// An account of nothing but a server.
    public init(name: String, host: String, ports: [SubmissionPort], hostname: String) {
        self.name = name
        self.host = host
        self.ports = ports
        self.hostname = hostname
    }
}

/// Text that must not be shown: it prints as stars, in every way of printing.
public struct HiddenText: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For whoever logs in.
    package let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { "****" }
    public var debugDescription: String { "****" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where the system's log puts a line.
public enum SystemLogFacility: Hashable, Sendable {
    case user
    case mail
    /// 0 to 7.
    case local(Int)

    /// `LOG_USER`, `LOG_MAIL`, `LOG_LOCAL0` to `LOG_LOCAL7`.
    init?(_ name: String) {
        switch name {
        case "", "on", "LOG_USER": self = .user
        case "LOG_MAIL": self = .mail
        default:
            guard name.hasPrefix("LOG_LOCAL"), let number = Int(name.dropFirst(9)), (0...7).contains(number) else {
                return nil
            }
            self = .local(number)
        }
    }

    /// As syslog(3) counts them.
    public var number: Int32 {
        switch self {
        case .user: 1 << 3
        case .mail: 2 << 3
        case .local(let number): Int32(16 + number) << 3
        }
    }
}
