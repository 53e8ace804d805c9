import PosternAdmin
import PosternDelivery
import PosternIdentity
import PosternMail
import PosternQueue
import PosternSMTP
import PosternServer
import PosternSubmission

/// What the process counts, from the events that the log tells too. docs/metrics.md has a row for each.
///
/// No label is an address, a name out of a certificate, or anything else that a client can choose.
final class ProcessMetrics: ServerObserver {
    private let connections: Counter
    private let connectionsTotal: Counter
    private let handshakes: Counter
    private let handshakeTimes = Histogram(
        "postern_tls_handshake_seconds", "From the 220 of STARTTLS, or the connection, to the end of the handshake.",
        bounds: Histogram.times, divisor: 1e6)
    private let commands = Counter(
        "postern_commands_total", "Replies, by the command that was answered and their code.",
        labels: [
            ("verb", ["none"] + Verb.allCases.map(\.rawValue)),
            ("code", ReplyLabels.codes.map(String.init) + ["other"]),
        ])
    private let logins = Counter(
        "postern_auth_total", "Logins, by the sequence that the client took and how they ended.",
        labels: [("sequence", LoginLabels.sequences), ("result", LoginLabels.results)])
    private let accepted = Counter(
        "postern_messages_accepted_total", "Messages that were answered 250, by how their client had logged in.",
        labels: [("sequence", LoginLabels.sequences)])
    private let size = Histogram("postern_message_bytes", "Octets of accepted messages.", bounds: Histogram.sizes)
    private let acceptance = Histogram(
        "postern_accept_seconds", "From the last octet of a message to its 250.", bounds: Histogram.times, divisor: 1e6)
    private let refusals = Counter(
        "postern_rejects_total", "Commands and messages that were refused, by command and reply code.",
        labels: [("command", ["none"] + Verb.allCases.map(\.rawValue)), ("code", (400...599).map(String.init))])
    private let commits = Histogram(
        "postern_commit_seconds", "Syncs and commit of one group of messages.", bounds: Histogram.times, divisor: 1e6)
    private let attempts = Counter(
        "postern_delivery_attempts_total", "Attempts to deliver to a recipient, by result and class of status.",
        labels: [("result", ["delivered", "deferred", "failed"]), ("class", ["2", "4", "5"])])
    private let deliveries = Histogram(
        "postern_delivery_seconds", "From the acceptance of a message to the delivery to a recipient.",
        bounds: Histogram.deliveryTimes, divisor: 1e6)
    private let uncertain = Counter(
        "postern_relay_uncertain_total",
        "Attempts after which a next hop may have the message although no answer came, a recipient each.")
    private let reports = Counter(
        "postern_dsn_sent_total", "Reports to senders, by what they tell of.",
        labels: [("type", ReportKind.allCases.map(\.rawValue))])
    private let reloads = Counter(
        "postern_reloads_total", "Readings of the configuration after the start, by whether they came in force.",
        labels: [("result", ["in-force", "refused"])])

    private let noRoom = Counter(
        "postern_disk_reserve_hit_total", "How often the disk's reserve began to be used, and MAIL to be answered 452.")
    private let stress = Counter(
        "postern_stress_mode", "1 while so many clients are connected that each is granted less.", kind: .gauge)

    private let listeners: [String: Int]
    private let now: @Sendable () -> Timestamp

    /// - Parameter listeners: their names.
    init(listeners: [String], now: @escaping @Sendable () -> Timestamp) {
        self.listeners = Dictionary(uniqueKeysWithValues: zip(listeners, listeners.indices))
        self.now = now
        connections = Counter(
            "postern_smtp_connections", "Connections that are open.", kind: .gauge, labels: [("listener", listeners)])
        connectionsTotal = Counter(
            "postern_smtp_connections_total", "Connections that came.",
            labels: [("listener", listeners), ("result", ["accepted", "refused"])])
        handshakes = Counter(
            "postern_tls_handshakes_total", "TLS handshakes, by version and what the client's certificate is worth.",
            labels: [
                ("version", ["none"] + TLSVersion.allCases.map(\.rawValue)), ("client_cert", LoginLabels.certificates),
                ("result", ["ok", "failed"]),
            ])
    }

    /// On all listeners.
    var openConnections: Int { connections.total }

    var families: [any MetricFamily] {
        [
            connections, connectionsTotal, handshakes, handshakeTimes, commands, logins, accepted, size, acceptance,
            refusals, commits, attempts, deliveries, uncertain, reports, reloads, noRoom, stress,
        ]
    }

    func record(_ event: SessionEvent, of connection: PosternSubmission.Connection, on listener: String) {
        switch event {
        case .secured(let version, let certificate, let time):
            handshakes.add(1, LoginLabels.place(of: version), LoginLabels.place(of: certificate), 0)
            handshakeTimes.observe(time.microseconds)
        case .handshakeTimedOut: handshakes.add(1, 0, 0, 1)
        case .authenticated(let record): logins.add(1, LoginLabels.place(of: record.sequence), 0)
        case .authenticationRefused(let record):
            logins.add(1, LoginLabels.place(of: record.sequence), LoginLabels.place(ofRefusal: record.reason))
        case .accepted(let submission): record(submission)
        case .refused(let verb, let reply): refusals.add(1, ReplyLabels.place(of: verb), reply.code - 400)
        case .octetsBehindStartTLS, .tlsOnClearPort, .anotherProtocol, .clientFault, .closedByClient, .cutOff: return
        }
    }

    private func record(_ submission: Submission) {
        accepted.add(1, LoginLabels.place(of: submission.sequence))
        size.observe(submission.size)
        acceptance.observe((now() - submission.received).microseconds)
    }

    func record(_ event: ServerEvent, of connection: PosternSubmission.Connection?, on listener: String) {
        guard let place = listeners[listener] else { return }
        switch event {
        case .connected:
            connections.add(1, place)
            connectionsTotal.add(1, place, 0)
        case .disconnected: connections.add(-1, place)
        case .tooManyConnections: connectionsTotal.add(1, place, 1)
        case .handshakeFailed, .certificateAborted: handshakes.add(1, 0, 0, 1)
        case .listening, .plainTextOnTLSPort, .connectionFailed, .passwordSpraying: return
        }
    }

    func record(_ condition: ServerCondition) {
        switch condition {
        case .noRoom: noRoom.add()
        case .roomAgain, .failedLogins, .failedLoginsEnded: return
        case .stress: stress.add(1)
        case .stressEnded: stress.add(-1)
        }
    }

    func record(_ code: Int, to verb: Verb?) {
        commands.add(1, ReplyLabels.place(of: verb), ReplyLabels.place(of: code))
    }

    func record(_ notice: DeliveryNotice) {
        switch notice {
        case .reported(let kind): reports.add(1, ReplyLabels.place(of: kind))
        case .suspended, .resumed: return
        }
    }

    func record(_ event: DeliveryEvent) {
        if event.outcome.isUncertain { uncertain.add() }
        switch event.outcome {
        case .delivered:
            attempts.add(1, 0, 0)
            deliveries.observe((now() - event.message.received).microseconds)
        case .deferred(_, let failure, _): attempts.add(1, 1, failure.code.hasPrefix("5") ? 2 : 1)
        case .failed(let failure, _): attempts.add(1, 2, failure.code.hasPrefix("4") ? 1 : 2)
        case .postponed: return
        }
    }

    func record(_ commit: CommitRecord) { commits.observe(commit.took.microseconds) }

    func record(_ answer: ReloadAnswer) {
        if case .inForce = answer { reloads.add(1, 0) } else { reloads.add(1, 1) }
    }
}

/// The values of labels about replies and reports, and their places.
enum ReplyLabels {
    /// All that the server gives (docs/replies.md).
    static let codes = [
        214, 220, 221, 235, 250, 252, 334, 354, 421, 451, 452, 454, 500, 501, 502, 503, 504, 525, 530, 534, 535, 550,
        552, 554, 555,
    ]
    /// Kept, since the list that the compiler makes is made at each look.
    private static let verbs = Verb.allCases
    private static let kinds = ReportKind.allCases

    static func place(of verb: Verb?) -> Int {
        verb.flatMap { verbs.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
    }

    static func place(of code: Int) -> Int { codes.firstIndex(of: code) ?? codes.count }

    static func place(of kind: ReportKind) -> Int { kinds.firstIndex(of: kind) ?? kinds.count }
}

/// The values of labels about logins, and the places of events among them.
enum LoginLabels {
    static let sequences = [Submission.Sequence.external, .implicit, .password].map(\.rawValue)
    /// `ok`, and the words for refusals that the log has.
    static let results = [
        "ok", "malformed", "wrong-password", "disabled", "certificate-of-another-account", "no-certificate", "unusable",
        "unmapped", "ambiguous", "not-permitted", "tls-below-minimum", "revocation-unknown", "other",
    ]
    static let certificates = ["none", "unusable", "unmapped", "ambiguous", "mapped", "tls-below-minimum"]

    static func place(of sequence: Submission.Sequence) -> Int {
        switch sequence {
        case .external: 0
        case .implicit: 1
        case .password: 2
        }
    }

    static func place(ofRefusal reason: String?) -> Int {
        reason.flatMap { results.firstIndex(of: $0) } ?? results.count - 1
    }

    static func place(of version: TLSVersion) -> Int { version == .v12 ? 1 : 2 }

    static func place(of certificate: CertificateSummary?) -> Int {
        certificate.flatMap { certificates.firstIndex(of: $0.state.rawValue) } ?? 0
    }
}

extension Duration {
    fileprivate var microseconds: Int { Int(clamping: max(0, wholeNanoseconds) / 1_000) }
}
