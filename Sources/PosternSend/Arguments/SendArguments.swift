public import PosternMail

/// What was asked for on the command line, in whichever dialect: sendmail's, msmtp's or our own.
///
/// It is what was typed and no more: no file is read for it, and addresses are still text.
public struct SendArguments: Hashable, Sendable {
    /// What is to be done.
    public enum Errand: Hashable, Sendable {
        /// A message on standard input (`-bm`).
        case send
        /// SMTP on standard input and output (`-bs`).
        case serveStandardInput
        /// What waits in the spool (`mailq`, `-bp`).
        case listSpool
        /// To send what waits there (`-q`).
        case flushSpool(SpoolSelection)
        /// Whether the file of aliases can be read (`newaliases`, `-bi`).
        case checkAliases
        /// What would be done, and why (`--explain`, `--pretend`, `-bv`).
        case explain
        case help
        case version
    }

    /// How the program was called, which decides what it does when nothing is said.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        case sendmail
        case mailq
        case newaliases
        case msmtp
        case send = "postern-send"

        /// - Parameter name: the program's name as it was called, with or without its folder.
        public init?(programName name: String) {
            self.init(rawValue: String(name.split(separator: "/").last ?? ""))
        }

        var errand: Errand {
            switch self {
            case .sendmail, .msmtp, .send: .send
            case .mailq: .listSpool
            case .newaliases: .checkAliases
            }
        }
    }

    public var errand: Errand
    /// As they were typed; one argument may hold several, with commas between them.
    public var recipients: [String] = []
    /// `-t`: those of To, Cc and Bcc too.
    public var readsRecipients = false
    /// `-i`: a line with a dot alone is content, also at a terminal.
    public var ignoresDots = false
    /// `-f`, `-r`, `--from`; empty or `<>` for the null reverse-path.
    public var sender: String?
    /// `--read-envelope-from`: the address of the header's From instead.
    public var readsSender = false
    /// `-F`: the name beside the address, where From has to be added.
    public var fullName: String?
    public var notify: Notify?
    public var returnedContent: ReturnedContent?
    public var envelopeID: EnvelopeID?
    /// `-B`; nil where nothing was said, and the content says it.
    public var body: Envelope.Body?
    /// `--partial`: those recipients that are accepted get it, whatever is said to the others.
    public var acceptsSomeRecipients = false
    public var queue = QueuePolicy.auto
    /// `--spool`: its folder.
    public var spool: String?
    /// `-C`, `--file`: instead of the user's msmtp file.
    public var file: String?
    /// `-a`, `--account`.
    public var account: String?
    /// Settings of the account that were typed, in their order; one of the host makes them an account of their own.
    public var settings: [TypedSetting] = []
    public var isVerbose = false
    public var printsJSON = false

    public init(errand: Errand = .send) {
        self.errand = errand
    }

    /// Whether a server was typed instead of an account: no file counts then.
    public var namesServer: Bool { account == nil && settings.contains { $0.key == "host" } }

    /// The envelope's sender where it was given: by it an account is chosen.
    public var envelopeSender: String? { sender.map(unbracketed).flatMap { $0.isEmpty ? nil : $0 } }

    /// A setting as it was typed, under the name that msmtp's files give it.
    public struct TypedSetting: Hashable, Sendable {
        public var key: String
        public var value: String
        /// As the person typed it, for what is said of it.
        public var option: String

        public init(_ key: String, _ value: String, option: String) {
            self.key = key
            self.value = value
            self.option = option
        }
    }
}

/// When a message is kept in the spool.
public enum QueuePolicy: String, Hashable, Sendable, CaseIterable {
    /// Where it could not be sent now and may be later.
    case auto
    /// At once, without trying.
    case always
    /// In no case: whoever calls tries again.
    case never
}

/// Which messages of the spool are meant: all of them where nothing is said.
public struct SpoolSelection: Hashable, Sendable {
    /// `-qI`
    public var id: String?
    /// `-qR`: a part of a recipient.
    public var recipient: String?
    /// `-qS`: a part of the sender.
    public var sender: String?

    public static let all = SpoolSelection()

    public init(id: String? = nil, recipient: String? = nil, sender: String? = nil) {
        self.id = id
        self.recipient = recipient
        self.sender = sender
    }
}
