import PosternClient
import PosternMail

extension SendAccount {
    /// The account that settings make, with the defaults for what they leave out.
    ///
    /// - Parameter isTyped: whether it was typed with the command, as `--server HOST`. Then TLS goes without saying; in a
    ///   file of msmtp's it is off unless it is asked for, or there is something to show, which needs it.
    init(_ written: WrittenAccount, isTyped: Bool, on machine: Machine) throws(AccountError) {
        let reader = SettingReader(settings: written.settings)
        try reader.refuse()
        guard let host = reader.text("host") else { throw .noHost(account: written.name) }
        self.init(name: written.name, host: host, ports: [], hostname: "")
        certificate = try Self.certificate(reader, account: written.name, on: machine)
        try readLogin(reader, on: machine)
        ports = try Self.ports(reader, isTyped: isTyped, needsTLS: certificate != nil || login != nil, of: written.name)
        hostname = machine.filled(reader.text("domain") ?? Self.ownName(of: machine))
        if let path = reader.text("tls_trust_file"), path != "system" { trust = .file(machine.path(path)) }
        timeout = try reader.parsed(unlessOff: "timeout", "off, or a number of seconds") { value in
            Int(value).flatMap { $0 > 0 ? .seconds($0) : nil }
        }
        try readSender(reader, on: machine)
        notify = try reader.parsed(unlessOff: "dsn_notify", "off, never, or some of success,failure,delay with commas")
        {
            Notify($0.utf8)
        }
        returnedContent = try reader.parsed(unlessOff: "dsn_return", "off, headers or full") {
            ["headers": ReturnedContent.header, "hdrs": .header, "full": .whole][$0]
        }
        try readHeaderRules(reader)
        aliases = reader.text("aliases").map { machine.path($0) }
        logFile = reader.text("logfile").map { machine.path($0) }
        logTimeFormat = reader.text("logfile_time_format") ?? logTimeFormat
        systemLog = try reader.parsed(unlessOff: "syslog", "on, off, LOG_USER, LOG_MAIL or LOG_LOCAL0 to LOG_LOCAL7") {
            SystemLogFacility($0)
        }
        notes = written.notes
    }

    private static func ownName(of machine: Machine) -> String {
        Domain(machine.canonicalName)?.text ?? "localhost"
    }

    // MARK: What is shown

    private static func certificate(
        _ reader: SettingReader, account: String, on machine: Machine
    ) throws(AccountError) -> Certificate? {
        switch (reader.text("tls_cert_file"), reader.text("tls_key_file")) {
        case (let certificate?, let key?):
            return Certificate(certificate: machine.path(certificate), key: machine.path(key))
        case (let certificate?, nil) where isPKCS12(certificate):
            return Certificate(certificate: machine.path(certificate), key: machine.path(certificate))
        case (.some, nil): throw .certificateWithoutKey(account: account)
        case (nil, .some): throw .keyWithoutCertificate(account: account)
        case (nil, nil): return nil
        }
    }

    static func isPKCS12(_ path: String) -> Bool {
        [".p12", ".pfx"].contains { path.asciiLowercased.hasSuffix($0) }
    }

    private mutating func readLogin(_ reader: SettingReader, on machine: Machine) throws(AccountError) {
        user = reader.text("user")
        let methods = ["", "on", "off", "plain", "login", "scram-sha-256", "external"]
        let method = try reader.parsed("auth", "on, off, plain, scram-sha-256 or external") { value in
            methods.contains(value.asciiLowercased) ? value.asciiLowercased : nil
        }
        let source = passwordSource(reader, on: machine)
        guard let user, method != "off", method != "external" else {
            // As msmtp has it for the PIN of a card.
            if certificate != nil { passphrase = source }
            return
        }
        if let source {
            login = Login(user: user, password: source)
        } else if certificate == nil {
            // With a certificate the name may be there for EXTERNAL.
            throw .noPassword(account: name, user: user)
        }
    }

    private func passwordSource(_ reader: SettingReader, on machine: Machine) -> PasswordSource? {
        if let path = reader.text("password_file") { return .file(machine.path(path)) }
        if let name = reader.text("password_credential") { return .credential(name) }
        // msmtp's own order.
        if let text = reader.text("password") { return .written(HiddenText(text)) }
        return reader.text("passwordeval").map { .command($0) }
    }

    // MARK: Where

    private static func ports(
        _ reader: SettingReader, isTyped: Bool, needsTLS: Bool, of account: String
    ) throws(AccountError) -> [SubmissionPort] {
        let tls = try reader.flag("tls")
        let startTLS = try reader.flag("tls_starttls")
        let number = try reader.parsed("port", "a number from 1 to 65535, smtp, submission, submissions or smtps") {
            ["smtp": 25, "submission": 587, "submissions": 465, "smtps": 465][$0]
                ?? Int($0)
                .flatMap { (1...65_535).contains($0) ? $0 : nil }
        }
        if tls == false, needsTLS { throw .clearCredentials(account: account) }
        guard tls ?? (isTyped || needsTLS) else { return [SubmissionPort(number ?? 25, .none)] }
        switch (number, startTLS) {
        // RFC 8314 §3.3: where nothing is said, the better port first.
        case (nil, nil) where isTyped:
            return [.submissions, .submission]
        case (nil, nil), (nil, true): return [SubmissionPort(isTyped ? 587 : 25, .startTLS)]
        case (nil, false): return [.submissions]
        case (let number?, nil) where isTyped && number == 465: return [SubmissionPort(number, .implicitTLS)]
        case (let number?, let startTLS):
            return [SubmissionPort(number, startTLS == false ? .implicitTLS : .startTLS)]
        }
    }

    // MARK: Messages

    private mutating func readSender(_ reader: SettingReader, on machine: Machine) throws(AccountError) {
        from = reader.text("from").map { machine.filled($0) }
        // msmtp's older way to say %U@…
        if try reader.flag("auto_from") == true {
            let domain = reader.text("maildomain").map { machine.filled($0) } ?? ""
            from = domain.isEmpty ? machine.user : "\(machine.user)@\(domain)"
        }
        fullName = reader.text("from_full_name")
        allowsOtherSenders = try reader.flag("allow_from_override") ?? true
    }

    /// The keys that msmtp had before count where the newer ones are not there.
    private mutating func readHeaderRules(_ reader: SettingReader) throws(AccountError) {
        let older = try reader.flag("add_missing_from_header").map { $0 ? FromRule.auto : .off }
        let from = try reader.parsed("set_from_header", "auto, on or off") {
            FromRule(rawValue: $0.isEmpty ? "on" : $0)
        }
        header.from = from ?? older ?? .auto
        let switches = ["": true, "on": true, "auto": true, "off": false]
        let addsDate = try reader.flag("add_missing_date_header") ?? true
        header.addsDate = try reader.parsed("set_date_header", "auto or off") { switches[$0] } ?? addsDate
        header.addsMessageID = try reader.parsed("set_msgid_header", "auto or off") { switches[$0] } ?? true
        header.removesBcc = try reader.flag("remove_bcc_headers") ?? true
        header.hidesRecipients = try reader.flag("undisclosed_recipients") ?? false
    }
}

/// Reads values, and names the place of one that is not understood.
private struct SettingReader {
    let settings: [String: Assignment]

    /// The first setting, by its name, that must not be left out and is not done.
    func refuse() throws(AccountError) {
        for (key, assignment) in settings.sorted(by: { $0.key < $1.key }) {
            if case .refused(let instead) = SettingKey.of(key, value: assignment.value) {
                throw .notDone(assignment.place, key: key, instead: instead)
            }
        }
    }

    /// Nil where there is none, or an empty one, which takes it back.
    func text(_ key: String) -> String? {
        settings[key].flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    func parsed<Value>(
        _ key: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(AccountError) -> Value? {
        guard let assignment = settings[key] else { return nil }
        guard let value = parse(assignment.value) else {
            throw .badValue(assignment.place, key: key, value: assignment.value, expected: expected)
        }
        return value
    }

    func flag(_ key: String) throws(AccountError) -> Bool? {
        try parsed(key, "on or off") { ["": true, "on": true, "off": false][$0] }
    }

    /// Nil too where `off` takes it back.
    func parsed<Value>(
        unlessOff key: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(AccountError) -> Value? {
        settings[key]?.value == "off" ? nil : try parsed(key, expected, parse)
    }
}
