import PosternMail

/// What is known of the machine and of who called, for the patterns of msmtp's files and for addresses without a domain.
public struct Machine: Hashable, Sendable {
    /// The name of the user.
    public var user: String
    /// The machine's name, as it calls itself.
    public var hostname: String
    /// The same with its domain, where the system knows it.
    public var canonicalName: String
    /// What /etc/mailname says.
    public var mailName: String?
    public var home: String

    public init(user: String, hostname: String, canonicalName: String, mailName: String?, home: String) {
        self.user = user
        self.hostname = hostname
        self.canonicalName = canonicalName
        self.mailName = mailName
        self.home = home
    }

    /// `%U`, `%H`, `%C` and `%M` as msmtp replaces them.
    func filled(_ pattern: String) -> String {
        var text = ""
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.first else {
                text.append(character)
                continue
            }
            switch letter {
            case "U": text += user
            case "H": text += hostname
            case "C": text += canonicalName
            case "M": text += mailName ?? canonicalName
            default:
                text.append(character)
                continue
            }
            rest.removeFirst()
        }
        return text
    }

    /// A path with `~` for the home folder.
    func path(_ text: String) -> String {
        text == "~" || text.hasPrefix("~/") ? home + text.dropFirst() : text
    }

    /// The domain for an address that has none, where no account says one.
    var domain: Domain? {
        for name in [mailName, canonicalName, hostname] {
            if let domain = name.flatMap({ Domain($0) }), domain.isFullyQualified { return domain }
        }
        return nil
    }

    /// Whether a domain is no more than a name of this machine itself, which nobody else can reach.
    func isOwn(_ domain: String) -> Bool {
        let name = domain.asciiLowercased
        return name == "localhost" || name == "localhost.localdomain"
            || (name == hostname.asciiLowercased && !name.contains("."))
    }
}
