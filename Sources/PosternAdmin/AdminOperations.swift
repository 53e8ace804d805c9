public import PosternMail
public import PosternQueue

/// What the API can do, and with whom.
public struct AdminOperations: Sendable {
    public let queue: any QueueStore
    public let writer: QueueWriter
    public let health: Health
    public let metrics: MetricsRegistry
    public let status: @Sendable () async -> AdminStatus
    /// Reads the configuration anew; nil where the process has its own.
    public let reload: (@Sendable () async -> ReloadAnswer)?
    /// Begins the end of the process.
    public let drain: @Sendable () -> Void
    /// Told of each command, for the audit log.
    public let audit: @Sendable (AdminRecord) -> Void
    public let now: @Sendable () -> Timestamp

    public init(
        queue: any QueueStore, writer: QueueWriter, health: Health, metrics: MetricsRegistry,
        status: @escaping @Sendable () async -> AdminStatus, reload: (@Sendable () async -> ReloadAnswer)?,
        drain: @escaping @Sendable () -> Void, audit: @escaping @Sendable (AdminRecord) -> Void,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.queue = queue
        self.writer = writer
        self.health = health
        self.metrics = metrics
        self.status = status
        self.reload = reload
        self.drain = drain
        self.audit = audit
        self.now = now
    }
}

/// What a reload said.
public enum ReloadAnswer: Hashable, Sendable {
    /// It is in force, as generation number so-and-so; `warnings` are what `postern check` warns of.
    case inForce(generation: Int, warnings: [String])
    /// Something is wrong with it, and the old one stays whole: each with file, line and column.
    case refused([String])
}

/// A command, for the audit log.
public struct AdminRecord: Hashable, Sendable {
    /// As it is typed: `queue hold`, `reload`.
    public let command: String
    /// What was named by it: conditions and ids, in the words of the command.
    public let arguments: [String]
    /// The user who gave it, by number: root, or the server's own.
    public let user: UInt32
    /// What came of it.
    public let result: String
}

/// How the process is, for people.
public struct AdminStatus: Hashable, Sendable {
    public var hostname: String
    public var process: Int32
    public var started: Timestamp
    /// How often the configuration was put in force.
    public var generation: Int
    public var isDraining: Bool
    public var connections: Int
    public var listeners: [String]
    /// Certificates and lists that end, the soonest first.
    public var expiries: [Expiry]

    public struct Expiry: Hashable, Sendable {
        public let subject: String
        public let moment: Timestamp

        public init(subject: String, moment: Timestamp) {
            self.subject = subject
            self.moment = moment
        }
    }

    public init(
        hostname: String, process: Int32, started: Timestamp, generation: Int, isDraining: Bool, connections: Int,
        listeners: [String], expiries: [Expiry]
    ) {
        self.hostname = hostname
        self.process = process
        self.started = started
        self.generation = generation
        self.isDraining = isDraining
        self.connections = connections
        self.listeners = listeners
        self.expiries = expiries
    }
}
