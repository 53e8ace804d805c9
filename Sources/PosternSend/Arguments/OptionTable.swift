/// How an option takes its argument.
enum OptionForm {
    case none
    /// Attached, or the next word.
    case required
    /// Attached, or there is none.
    case optional
}

/// What an option does to the arguments, given its own argument and how it was typed.
struct OptionRow: Sendable {
    typealias Effect =
        @Sendable (inout SendArguments, _ value: String?, _ option: String) throws(ArgumentsError) -> Void

    let form: OptionForm
    let effect: Effect

    static func flag(_ effect: @escaping @Sendable (inout SendArguments) -> Void) -> OptionRow {
        OptionRow(form: .none) { (arguments, _, _) throws(ArgumentsError) in effect(&arguments) }
    }

    static func value(
        _ effect: @escaping @Sendable (inout SendArguments, String, String) throws(ArgumentsError) -> Void
    ) -> OptionRow {
        OptionRow(form: .required) { (arguments, value, option) throws(ArgumentsError) in
            try effect(&arguments, value ?? "", option)
        }
    }

    /// Taken and without effect, as with msmtp and Postfix: mail programs write it.
    static func ignored(_ form: OptionForm) -> OptionRow {
        OptionRow(form: form) { (_, _, _) throws(ArgumentsError) in }
    }

    /// A setting of the account, by the name that msmtp's files give it.
    static func setting(_ key: String, _ form: OptionForm = .required) -> OptionRow {
        OptionRow(form: form) { (arguments, value, option) throws(ArgumentsError) in
            arguments.settings.append(.init(key, value ?? "on", option: option))
        }
    }

    static func refused(_ form: OptionForm, instead: String) -> OptionRow {
        OptionRow(form: form) { (_, _, option) throws(ArgumentsError) in
            throw .notDone(option: option, instead: instead)
        }
    }
}

/// The options with one letter: those of sendmail(8), and what msmtp adds.
enum ShortOptions {
    static let rows: [Character: OptionRow] = [
        "A": .ignored(.required),
        "B": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.body = try OptionValues.body(value, option)
        },
        "C": .value { (arguments, value, _) throws(ArgumentsError) in arguments.file = value },
        "F": .value { (arguments, value, _) throws(ArgumentsError) in arguments.fullName = value },
        "G": .ignored(.none),
        "I": .flag { $0.errand = .checkAliases },
        "L": .ignored(.required),
        "N": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.notify = try OptionValues.notify(value, option)
        },
        "O": .ignored(.required),
        "P": .flag { $0.errand = .explain },
        "R": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.returnedContent = try OptionValues.returnedContent(value, option)
        },
        "S": .refused(.none, instead: "postern probe HOST tells what a server does"),
        "U": .ignored(.none),
        "V": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.envelopeID = try OptionValues.envelopeID(value, option)
        },
        "X": .value { (arguments, value, option) throws(ArgumentsError) in
            guard !value.hasPrefix("V") else { throw .notDone(option: "-XV", instead: "write the sender with -f") }
            arguments.settings.append(.init("logfile", value, option: option))
        },
        "a": .value { (arguments, value, _) throws(ArgumentsError) in arguments.account = value },
        "b": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.errand = try OptionValues.mode(value, option)
        },
        // sendmail: -d0.1; msmtp: -d alone.
        "d": OptionRow(form: .optional) { (arguments, value, _) throws(ArgumentsError) in
            if value == nil { arguments.isVerbose = true }
        },
        "e": .ignored(.required),
        "f": .value { (arguments, value, _) throws(ArgumentsError) in arguments.sender = value },
        "h": .ignored(.required),
        "i": .flag { $0.ignoresDots = true },
        "m": .ignored(.none),
        "n": .ignored(.none),
        "o": .value { (arguments, value, _) throws(ArgumentsError) in OptionValues.old(value, &arguments) },
        "p": .ignored(.required),
        "q": OptionRow(form: .optional) { (arguments, value, option) throws(ArgumentsError) in
            arguments.errand = .flushSpool(try OptionValues.selection(value ?? "", option))
        },
        "r": .value { (arguments, value, _) throws(ArgumentsError) in arguments.sender = value },
        "t": .flag { $0.readsRecipients = true },
        "v": .flag { $0.isVerbose = true },
    ]
}

/// The options with names: ours, and msmtp's.
enum LongOptions {
    static let rows: [String: OptionRow] = ours.merging(msmtp) { own, _ in own }

    private static let ours: [String: OptionRow] = [
        "help": .flag { $0.errand = .help },
        "version": .flag { $0.errand = .version },
        "explain": .flag { $0.errand = .explain },
        "json": .flag { $0.printsJSON = true },
        "partial": .flag { $0.acceptsSomeRecipients = true },
        "queue": .value { (arguments, value, option) throws(ArgumentsError) in
            guard let policy = QueuePolicy(rawValue: value) else {
                throw .badArgument(option: option, value: value, expected: "auto, always or never")
            }
            arguments.queue = policy
        },
        "spool": .value { (arguments, value, _) throws(ArgumentsError) in arguments.spool = value },
        "server": .value { (arguments, value, option) throws(ArgumentsError) in
            try OptionValues.server(value, option, &arguments)
        },
        "ca": .setting("tls_trust_file"),
        "certificate": .setting("tls_cert_file"),
        "key": .setting("tls_key_file"),
        "password-file": .setting("password_file"),
        "password-credential": .setting("password_credential"),
        "envelope-id": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.envelopeID = try OptionValues.envelopeID(value, option)
        },
        "verbose": .flag { $0.isVerbose = true },
    ]

    private static let msmtp: [String: OptionRow] = [
        "pretend": .flag { $0.errand = .explain },
        "debug": OptionRow(form: .optional) { (arguments, _, _) throws(ArgumentsError) in arguments.isVerbose = true },
        "serverinfo": .refused(.none, instead: "postern probe HOST tells what a server does"),
        "configure": .refused(.required, instead: "write the account by hand"),
        "rmqs": .refused(.required, instead: "no server of today does it"),
        "file": .value { (arguments, value, _) throws(ArgumentsError) in arguments.file = value },
        "account": .value { (arguments, value, _) throws(ArgumentsError) in arguments.account = value },
        "from": .value { (arguments, value, _) throws(ArgumentsError) in arguments.sender = value },
        "dsn-notify": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.notify = try OptionValues.notify(value, option)
        },
        "dsn-return": .value { (arguments, value, option) throws(ArgumentsError) in
            arguments.returnedContent = try OptionValues.returnedContent(value, option)
        },
        "read-recipients": .flag { $0.readsRecipients = true },
        "read-envelope-from": .flag { $0.readsSender = true },
        "host": .setting("host"), "port": .setting("port"), "timeout": .setting("timeout"),
        "connect-timeout": .setting("timeout"), "protocol": .setting("protocol"), "domain": .setting("domain"),
        "auth": .setting("auth", .optional), "user": .setting("user"), "passwordeval": .setting("passwordeval"),
        "tls-starttls": .setting("tls_starttls", .optional), "tls-trust-file": .setting("tls_trust_file"),
        "tls-crl-file": .setting("tls_crl_file"), "tls-fingerprint": .setting("tls_fingerprint"),
        "tls-key-file": .setting("tls_key_file"), "tls-cert-file": .setting("tls_cert_file"),
        "tls-certcheck": .setting("tls_certcheck", .optional), "tls-priorities": .setting("tls_priorities"),
        "tls-min-dh-prime-bits": .setting("tls_min_dh_prime_bits"), "tls-host-override": .setting("tls_host_override"),
        "source-ip": .setting("source_ip"), "proxy-host": .setting("proxy_host"), "proxy-port": .setting("proxy_port"),
        "socket": .setting("socket"), "logfile": .setting("logfile"),
        "logfile-time-format": .setting("logfile_time_format"), "syslog": .setting("syslog", .optional),
        "aliases": .setting("aliases"), "auto-from": .setting("auto_from", .optional),
        "maildomain": .setting("maildomain"), "set-from-header": .setting("set_from_header", .optional),
        "set-date-header": .setting("set_date_header", .optional),
        "set-msgid-header": .setting("set_msgid_header", .optional),
        "set-to-header": .setting("set_to_header", .optional),
        "remove-bcc-headers": .setting("remove_bcc_headers", .optional),
        "undisclosed-recipients": .setting("undisclosed_recipients", .optional),
        "add-missing-from-header": .setting("add_missing_from_header", .optional),
        "add-missing-date-header": .setting("add_missing_date_header", .optional),
    ]
}
