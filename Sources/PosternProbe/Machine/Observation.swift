public import PosternConnection
public import PosternSMTP

/// What one step has seen, and nothing that was thought of it.
public struct Observation: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public enum Speaker: String, Hashable, Sendable {
            case client = "C"
            case server = "S"
            /// What happens besides words.
            case event = "*"
        }

        public let speaker: Speaker
        public let text: String
    }

    public struct Answer: Hashable, Sendable {
        public let command: ProbeCommand
        public let reply: Reply
    }

    public enum End: Hashable, Sendable {
        /// QUIT was said.
        case quit
        /// The server said that it goes, or that it does not come, with this reply.
        case refused(at: ClientStep, Reply)
        case failed(at: ClientStep, ClientFailure)
    }

    public let step: ProbeStep
    public internal(set) var isConnected = false
    /// Of EHLO before TLS.
    public internal(set) var clear: ServerCapabilities?
    /// Of EHLO in TLS.
    public internal(set) var capabilities: ServerCapabilities?
    public internal(set) var isCertificateRequested = false
    public internal(set) var isCertificateShown = false
    /// `TLS 1.3`; nil where TLS did not come about.
    public internal(set) var tls: String?
    /// The authorities that the request names; nil where it was not read.
    public internal(set) var authorities: [String]?
    /// Of the server, whether it is trusted or not; nil where it was not seen.
    public internal(set) var serverCertificate: ServerCertificate?
    public internal(set) var answers: [Answer] = []
    public internal(set) var end = End.quit
    public internal(set) var transcript: [Line] = []

    public init(_ step: ProbeStep) { self.step = step }

    public func reply(to command: ProbeCommand) -> Reply? { answers.first { $0.command == command }?.reply }

    /// The answer to the first AUTH, 334 aside.
    public var authentication: Reply? { answers.first { $0.command.isAuthentication }?.reply }

    /// Whether a transaction was begun; the last of several counts.
    var isMailTaken: Bool {
        answers.last { $0.command == .mail || $0.command == .foreignMail }?.reply.isPositive ?? false
    }

    /// Whether an exchange of AUTH has failed. 503 says that it was not the time for one, and nobody has looked at it.
    public var hasFailedAuthentication: Bool {
        answers.contains { $0.command.isAuthentication && $0.reply.code != 235 && $0.reply.code != 503 }
    }

    public var isAuthenticated: Bool { answers.contains { $0.command.isAuthentication && $0.reply.code == 235 } }

    public var listsExternal: Bool { capabilities?.mechanisms.contains("EXTERNAL") ?? false }

    /// The mechanisms by which a password is given.
    public var passwordMechanisms: [String] {
        (capabilities?.mechanisms ?? []).filter { $0 != "EXTERNAL" && $0 != "ANONYMOUS" }
    }
}

extension Observation {
    mutating func note(_ speaker: Line.Speaker, _ text: String) {
        transcript.append(Line(speaker: speaker, text: text))
    }
}
