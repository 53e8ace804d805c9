public import PosternSMTP
public import PosternSubmission

/// What happens to a connection outside of its session.
public enum ServerEvent: Hashable, Sendable {
    /// A listener accepts connections; the port is the one that the system picked where 0 was asked for.
    case listening(address: String, port: Int)
    case connected
    /// It is gone, whoever closed it.
    case disconnected
    /// The limit `connections` or `connections-per-address` was reached.
    case tooManyConnections
    /// Something that is no TLS came on a port that speaks TLS from the first octet.
    case plainTextOnTLSPort
    case handshakeFailed(reason: String)
    /// Setting `unusable: abort`: what was wrong with the certificate that broke the handshake.
    case certificateAborted(CertificateSummary)
    /// Wrong passwords for so many names came from the client's network.
    case passwordSpraying(names: Int)
    case connectionFailed(reason: String)
}

/// Who is told of events: the log, and later metrics. Called on event loops; must not block.
public protocol ServerObserver: Sendable {
    func record(_ event: SessionEvent, of connection: Connection, on listener: String)
    /// - Parameter connection: nil where the event is the listener's own.
    func record(_ event: ServerEvent, of connection: Connection?, on listener: String)
    func record(_ condition: ServerCondition)
    /// Told of each reply, a few for each message: must make nothing.
    /// - Parameters:
    ///   - code: of the reply.
    ///   - verb: nil where no command is answered, or a line that is none.
    func record(_ code: Int, to verb: Verb?)
}

extension ServerObserver {
    /// Who tells of what happened needs no word of what was answered.
    public func record(_ code: Int, to verb: Verb?) {}
}
