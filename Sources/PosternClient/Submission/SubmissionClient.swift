public import Logging
public import PosternMail
public import ServiceLifecycle

/// Submits messages to one server over a pool of connections.
///
///     let client = SubmissionClient(configuration, logger: logger)
///     let receipt = try await client.send(SubmissionContent(message), envelope: envelope)
///
/// As a service it ends what is under way before it stops.
public final class SubmissionClient: Service {
    private let configuration: SubmissionConfiguration
    private let logger: Logger

    public init(_ configuration: SubmissionConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs until it is told to stop, and ends then what is under way.
    public func run() async throws {
        try await gracefulShutdown()
    }

    /// Submits a message. When the task is cancelled, the connection is cut.
    public func send(
        _ content: SubmissionContent, envelope: Envelope, recipients: RecipientPolicy = .allOrNothing
    ) async throws(SubmissionError) -> SubmissionReceipt {
        throw .stopped
    }

    /// Connects, shows who it is, and says goodbye.
    public func check() async throws(SubmissionError) -> SubmissionCheck {
        throw .stopped
    }
}

extension SubmissionError {
    static let stopped = SubmissionError(
        reason: .stopped, phase: .connection, reply: nil, acceptance: .notAccepted, retry: .later(after: nil),
        detail: "the client is being shut down", hint: "", recipients: [], transcript: [])
}
