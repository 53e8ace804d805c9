public import PosternConnection

/// To which server mail is submitted, and as whom.
public struct SubmissionConfiguration: Sendable {
    /// A name or an address, without brackets. It must stand in the server's certificate.
    public var host: String
    /// Tried in this order, the next one only where there was no server of SMTP to speak to (RFC 8314 §5.2).
    public var ports: [SubmissionPort]
    /// By which name the client introduces itself in EHLO.
    public var hostname: String
    /// Shown only to a server that asks for one, and whose name has been verified.
    public var certificate: ClientCertificate?
    public var login: ClientCredentials.Login?
    public var certificatePolicy: CertificatePolicy
    /// The account's name. It is tried in EXTERNAL where a server refuses the empty identity.
    public var accountName: String?
    /// Whether the password may follow where the certificate was refused for good. It never does so otherwise.
    public var usesPasswordAfterRefusedCertificate: Bool
    /// Whose certificates of servers are believed.
    public var trust: ClientTrust
    public var timeouts: ClientTimeouts
    public var pool: PoolLimits
    public var memory: any CertificateMemory
    /// Whether receipts and errors carry the dialogue, in which what AUTH says is left out.
    public var recordsTranscript: Bool

    public init(
        host: String, ports: [SubmissionPort] = [.submissions, .submission], hostname: String,
        certificate: ClientCertificate? = nil, login: ClientCredentials.Login? = nil,
        certificatePolicy: CertificatePolicy = .automatic, accountName: String? = nil,
        usesPasswordAfterRefusedCertificate: Bool = false, trust: ClientTrust = .system,
        timeouts: ClientTimeouts = .submission, pool: PoolLimits = PoolLimits(),
        memory: any CertificateMemory = TransientCertificateMemory(), recordsTranscript: Bool = false
    ) {
        self.host = host
        self.ports = ports
        self.hostname = hostname
        self.certificate = certificate
        self.login = login
        self.certificatePolicy = certificatePolicy
        self.accountName = accountName
        self.usesPasswordAfterRefusedCertificate = usesPasswordAfterRefusedCertificate
        self.trust = trust
        self.timeouts = timeouts
        self.pool = pool
        self.memory = memory
        self.recordsTranscript = recordsTranscript
    }
}

extension SubmissionConfiguration {
    /// C4: it is written into a command as it is.
    var isHostnameUsable: Bool { !hostname.isEmpty && hostname.utf8.allSatisfy { (33...126).contains($0) } }
}

/// How many connections a client has, and for how long.
public struct PoolLimits: Hashable, Sendable {
    /// Open at the same time, from 1 on. Whoever finds none waits, and is served in the order of coming.
    public var connections: Int
    /// Over one connection, from 1 on.
    public var messagesPerConnection: Int
    /// For which a connection waits for another message.
    public var idleTime: Duration
    /// How many may wait for a connection; whoever comes then gets ``SubmissionError/Reason/busy`` at once.
    public var waiting: Int
    /// For which one waits for a connection, until ``SubmissionError/Reason/busy``.
    public var waitTime: Duration

    public init(
        connections: Int = 4, messagesPerConnection: Int = 100, idleTime: Duration = .seconds(10),
        waiting: Int = 1_000, waitTime: Duration = .seconds(30)
    ) {
        self.connections = connections
        self.messagesPerConnection = messagesPerConnection
        self.idleTime = idleTime
        self.waiting = waiting
        self.waitTime = waitTime
    }
}

extension ClientTimeouts {
    /// Somebody may be waiting for it (RFC 6409 §5.3, RFC 5321 §4.5.3.2), and another port be tried.
    public static let submission: ClientTimeouts = {
        var timeouts = ClientTimeouts()
        timeouts.greeting = .seconds(120)
        timeouts.hello = .seconds(120)
        return timeouts
    }()
}
