import PosternConfiguration
import PosternDelivery
import PosternIdentity
import PosternMail
import PosternSubmission

/// Makes the rooms' values of a configuration's, and collects whatever they find wrong with it: none hides another.
struct Assembler {
    let now: Timestamp
    private(set) var problems: [ConfigurationProblem] = []

    init(at now: Timestamp) {
        self.now = now
    }

    /// Every part is checked, whatever is missing beside it.
    /// - Returns: nil if something is wrong that leaves no value; a value does not mean that nothing is wrong.
    mutating func assemble(_ parts: ConfigurationParts) -> Assembled? {
        let hostname = parts.hostname.flatMap { domain($0, named: "hostname") }
        let postmaster = parts.postmaster.flatMap { mailbox($0, named: "postmaster") }
        let accounts = accounts(parts.accounts)
        let grants = grants(parts.authorities)
        let certificate = serverCertificate(parts.certificate, key: parts.key)
        let limits = limits(parts.limits)
        let routing = routing(
            parts.routes, from: hostname, limits: parts.limits, listeners: parts.configuration?.listeners ?? [])
        if let state = parts.state { checkFolder(state.value, named: "state", at: state.location) }
        if let auditLog = parts.auditLog { checkAuditLog(auditLog) }
        let probe = parts.configuration?.probe.flatMap { self.probe($0) }
        guard let configuration = parts.configuration, let hostname, let certificate, let routing,
            let postmaster = postmaster ?? Mailbox(configuration.postmaster.value)
        else { return nil }
        let snapshot = Snapshot(accounts: accounts, grants: grants)
        let listeners = configuration.listeners.map { listener in
            AssembledListener(
                listener, hostname: hostname, postmaster: postmaster, limits: configuration.limits,
                hasTrust: !snapshot.trust.isEmpty)
        }
        return Assembled(
            hostname: hostname, snapshot: snapshot, listeners: listeners, serverCertificate: certificate,
            routing: routing, state: configuration.state.value, limits: limits,
            schedule: RetrySchedule(configuration.schedule),
            deliveryConnections: configuration.limits.deliveryConnections, log: configuration.log,
            auditLog: configuration.auditLog, metrics: configuration.metrics, probe: probe,
            files: parts.files)
    }

    mutating func report(
        _ sentence: String, at location: SourceLocation, _ severity: ConfigurationProblem.Severity = .error
    ) {
        problems.append(ConfigurationProblem(at: location, .rule(sentence), severity))
    }
}

// What several parts of a configuration hold.
extension Assembler {
    /// A domain of at least two labels: envelopes hold no others (RFC 6409 §4.2).
    mutating func domain(_ text: Located<String>, named key: String) -> Domain? {
        guard let domain = Domain(text.value) else {
            report("\(key): expected a domain such as example.org, found \(shown(text.value))", at: text.location)
            return nil
        }
        guard domain.isFullyQualified else {
            report("\(key): \(shown(text.value)) is one label; write the whole domain", at: text.location)
            return nil
        }
        return domain
    }

    mutating func mailbox(_ text: Located<String>, named key: String) -> Mailbox? {
        guard let mailbox = Mailbox(text.value) else {
            let expected = "expected an address such as alice@example.org"
            report("\(key): \(expected), found \(shown(text.value))", at: text.location)
            return nil
        }
        if let domain = mailbox.domain, !domain.isFullyQualified {
            report("\(key): the domain of \(shown(text.value)) is one label; write it whole", at: text.location)
            return nil
        }
        return mailbox
    }

    /// A folder that is made where it is missing: what stands there must not be something else.
    mutating func checkFolder(_ path: String, named key: String, at location: SourceLocation) {
        guard FileKind.of(path) == .other else { return }
        report("\(key): \(shown(path)) is no folder; name one, or a path where nothing is yet", at: location)
    }

    /// Nobody waits for the audit log, so that whoever names a place where none can be would not hear of it later.
    private mutating func checkAuditLog(_ path: Located<String>) {
        guard FileKind.of(path.value) == .folder else { return }
        report("audit-log: \(shown(path.value)) is a folder; name a file in it", at: path.location)
    }

    /// A file that the configuration names.
    mutating func contents(of path: Located<String>, named key: String, limit: Int = 4 << 20) -> [UInt8]? {
        do throws(FileContents.Failure) {
            let octets = try FileContents.of(path.value, limit: limit)
            guard octets.count <= limit else {
                report("\(key): \(shown(path.value)) has more than \(limit) octets", at: path.location)
                return nil
            }
            return octets
        } catch {
            report("\(key): \(shown(path.value)) cannot be read: \(error.reason)", at: path.location)
            return nil
        }
    }

    /// Text of a file in a sentence for a terminal: quoted, and whatever does not show as itself escaped.
    func shown(_ text: String) -> String {
        "'\(SafeText.escape(text))'"
    }
}
