import Yams

extension Configuration {
    /// Reads the octets of a `postern.yaml`: a configuration without errors, and every problem.
    /// - Parameter file: its name, for messages; relative paths belong to its folder.
    public static func read(_ octets: [UInt8], file: String) -> Reading<Configuration> {
        let (parts, problems) = parse(octets, file: file)
        return Reading(parts.configuration, problems: problems)
    }

    /// As `read`, with whatever could be read in spite of errors.
    static func parse(
        _ octets: [UInt8],
        file: String
    ) -> (parts: ConfigurationParts, problems: [ConfigurationProblem]) {
        let document = Document(octets, file: file)
        let reader = Reader(document, file: file)
        guard let root = document.root else {
            if reader.problems.isEmpty {
                let sentence = "the file is empty: expected 'hostname', 'state', 'tls', 'accounts' and 'next-hop'"
                reader.report(.rule(sentence), at: .whole(file))
            }
            return (ConfigurationParts(), reader.problems)
        }
        var draft = reader.draft(of: root)
        draft.allRoutes = reader.complete(
            draft.routes, at: draft.routesLocation, standard: draft.nextHop, isWhole: draft.areWaysWhole)
        let configuration = reader.configuration(from: draft)
        let parts = ConfigurationParts(
            hostname: draft.hostname, postmaster: draft.postmaster, certificate: draft.tls.certificate,
            key: draft.tls.key, authorities: draft.clientCertificates.authorities, limits: draft.limits,
            state: draft.state, auditLog: draft.auditLog, routes: draft.allRoutes ?? [], configuration: configuration,
            accountsPath: draft.accounts)
        return (parts, reader.problems)
    }

    /// A configuration as far as it has been read.
    struct Draft {
        var hostname: Located<String>?
        var state: Located<String>?
        var tls = TLSFiles.Draft()
        var clientCertificates = ClientCertificates()
        var clientCertificatesLocation: SourceLocation?
        var accounts: Located<String>?
        var nextHop: [Located<NextHop>]?
        var routes: [RouteRule] = []
        var routesLocation: SourceLocation?
        /// Whether there was no error in the two of them.
        var areWaysWhole = true
        /// Both together.
        var allRoutes: [RouteRule]?
        /// Read last, when the settings that all listeners share are known.
        var listeners: Node?
        var postmaster: Located<String>?
        var limits = Limits()
        var schedule = Schedule()
        var log = LogFormat.json
        var auditLog: Located<String>?
        var metrics: MetricsListener?
        var probe: SelfProbe?
    }

    static let settings: [Setting<Draft>] = [
        .located(
            "hostname", \.hostname, .text("the server's name, such as mail.example.org"), isRequired: true,
            .given("mail.example.org"), "The server's name, in its greeting and in Received fields."),
        .located(
            "state", \.state, .path("the path of a folder"), isRequired: true, .given("/var/lib/postern"),
            "The folder of the queue. Relative paths, here and below, belong to this file's folder."),
        Setting(
            name: "tls", documentation: "The server's own certificate.", isRequired: true,
            example: .section(Example.map(of: TLSFiles.settings)),
            read: { node, reader, draft in draft.tls = reader.tls(of: node) }),
        Setting(
            name: "client-certificates", documentation: "How clients log in with certificates.", isRequired: false,
            example: .section(Example.map(of: ClientCertificates.tableSettings)),
            read: { node, reader, draft in
                // All of it may be commented out, as in the example file.
                guard !reader.isNothing(node) else { return }
                let location = reader.location(of: node)
                draft.clientCertificatesLocation = location
                reader.read(
                    node, as: ClientCertificates.tableSettings, named: "client-certificates", at: location,
                    into: &draft.clientCertificates)
            }),
        .located(
            "accounts", \.accounts, .path("the path of accounts.yaml"), isRequired: true, .given("accounts.yaml"),
            "The file of accounts."),
        Setting(
            name: "next-hop",
            documentation: ([
                "Where accepted mail goes. HOST[:PORT]: by SMTP, without a port to 25, with TLS where it is offered.",
                "lmtp:HOST:PORT, lmtp:/SOCKET: by LMTP. maildir:DIR: a Maildir for each recipient under DIR.",
                "discard: nowhere. A list: the next is tried when one is not there. With more to say it is a map:",
            ] + SMTPNextHop.exampleLines).joined(separator: "\n"),
            isRequired: true, substitute: "routes", example: .given("maildir:/var/mail/postern"),
            read: { node, reader, draft in
                let before = reader.errors
                draft.nextHop = reader.nextHops(of: node, key: "next-hop")
                draft.areWaysWhole = draft.areWaysWhole && reader.errors == before
            }),
        Setting(
            name: "routes",
            documentation: "Where mail goes that fits one of these, the first that fits; all other goes to next-hop.",
            isRequired: false, example: .standardSection(RouteRule.exampleLines),
            read: { node, reader, draft in
                guard !reader.isNothing(node) else { return }
                draft.routesLocation = reader.location(of: node)
                let before = reader.errors
                draft.routes = reader.routes(of: node)
                draft.areWaysWhole = draft.areWaysWhole && reader.errors == before
            }),
        Setting(
            name: "listeners",
            documentation:
                "Where present, the whole list. Any setting of client-certificates but authorities may differ here.",
            isRequired: false, example: .standardSection(Example.listeners),
            read: { node, _, draft in draft.listeners = node }),
        .located(
            "postmaster", \.postmaster, .text("an address"), .standard("postmaster@mail.example.org"),
            "Where mail for <postmaster> goes. Without it: postmaster at the hostname."),
        Setting(
            name: "limits",
            documentation: "Sizes are octets, or have KiB, MiB or GiB behind them; times are like 1h30m, 5m, 15s.",
            isRequired: false, example: .section(Example.map(of: Limits.settings)),
            read: { node, reader, draft in
                guard !reader.isNothing(node) else { return }
                let location = reader.location(of: node)
                reader.read(node, as: Limits.settings, named: "limits", at: location, into: &draft.limits)
            }),
        Setting(
            name: "schedule",
            documentation: "When what could not be delivered is tried again, and when it is given up.",
            isRequired: false, example: .section(Example.map(of: Schedule.settings)),
            read: { node, reader, draft in draft.schedule = reader.schedule(of: node) }),
        .optional(
            "log", \.log, .choice, in: Draft(), "json: an object a line. text: for people."),
        .located(
            "audit-log", \.auditLog, .path("the path of a file"), .standard("/var/lib/postern/audit.log"),
            "Logins and commands, an object a line, appended. Without it: audit.log in the folder of the queue."),
        Setting(
            name: "metrics",
            documentation:
                "Metrics and health for programs of this machine, by HTTP. Without it: on the control socket alone.",
            isRequired: false, example: .standardSection(Example.map(of: MetricsListener.settings)),
            read: { node, reader, draft in draft.metrics = reader.metrics(of: node) }),
        Setting(
            name: "probe",
            documentation: "By which certificate `check --probe` asks the listeners what they do. Without it: by none.",
            isRequired: false, example: .standardSection(Example.map(of: SelfProbe.settings)),
            read: { node, reader, draft in draft.probe = reader.selfProbe(of: node) }),
    ]
}

extension TLSFiles {
    struct Draft: Sendable {
        var certificate: Located<String>?
        var key: Located<String>?
    }

    static let settings: [Setting<Draft>] = [
        .located(
            "certificate", \.certificate, .path("the path of a PEM file"), isRequired: true,
            .given("/etc/postern/tls.pem"),
            "PEM: the certificate, then its issuers'."),
        .located(
            "key", \.key, .path("the path of a PEM file"), isRequired: true, .given("/etc/postern/tls.key"),
            "PEM, without a pass phrase."),
    ]
}

extension Reader {
    fileprivate func draft(of root: Node) -> Configuration.Draft {
        var draft = Configuration.Draft()
        read(root, as: Configuration.settings, named: "the configuration", at: top, into: &draft)
        checkTimes(draft.limits)
        return draft
    }

    /// What no section can see alone, then the whole, unless something is missing.
    fileprivate func configuration(from draft: Configuration.Draft) -> Configuration? {
        let common = draft.clientCertificates.settings
        let section = draft.clientCertificatesLocation ?? top
        let (listeners, isComplete) =
            draft.listeners.map { self.listeners(of: $0, standard: common) }
            ?? (Listener.standard(settings: common, at: section), true)
        checkPolicies(of: listeners, common: common, at: section)
        // Whether a common setting has an effect anywhere can be said only where every listener is known.
        if isComplete { checkEffect(of: common, on: listeners) }
        guard let hostname = draft.hostname, let state = draft.state,
            let certificate = draft.tls.certificate, let key = draft.tls.key,
            let accounts = draft.accounts, let routes = draft.allRoutes
        else { return nil }
        return Configuration(
            hostname: hostname, state: state, tls: TLSFiles(certificate: certificate, key: key),
            clientCertificates: draft.clientCertificates,
            accounts: accounts,
            routes: routes, listeners: listeners,
            postmaster: draft.postmaster ?? Located("postmaster@\(hostname.value)", at: hostname.location),
            limits: draft.limits, schedule: draft.schedule, log: draft.log,
            auditLog: draft.auditLog?.value ?? "\(state.value)/audit.log", metrics: draft.metrics, probe: draft.probe)
    }

    private var top: SourceLocation { SourceLocation(file: file, line: 1, column: 1) }

    fileprivate func tls(of node: Node) -> TLSFiles.Draft {
        var draft = TLSFiles.Draft()
        read(node, as: TLSFiles.settings, named: "tls", at: location(of: node), into: &draft)
        return draft
    }

    /// RFC 5321 §4.5.3.2.7: a server should wait five minutes for the next command.
    private func checkTimes(_ limits: Limits) {
        guard limits.idle < .seconds(300), let place = limits.places["idle"] else { return }
        let sentence = "idle is under 5m: RFC 5321 section 4.5.3.2.7 gives slow clients that long, and some need it"
        report(.rule(sentence), at: place, .hazard)
    }
}
