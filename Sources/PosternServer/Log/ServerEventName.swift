/// The names of this room's events in the log. They stay the same over releases; docs/log.md tells what each means.
public enum ServerEventName: String, CaseIterable, Sendable {
    // Of a session
    case secured
    case authenticated
    case authenticationRefused = "authentication-refused"
    case accepted
    case refused
    case octetsBehindStartTLS = "octets-behind-starttls"
    case tlsOnClearPort = "tls-on-clear-port"
    case anotherProtocol = "another-protocol"
    case clientFault = "client-fault"
    case closed
    case cutOff = "cut-off"

    // Of a connection or a listener
    case listening
    case connected
    case disconnected
    case tooManyConnections = "too-many-connections"
    case plainTextOnTLSPort = "plain-text-on-tls-port"
    case handshakeFailed = "handshake-failed"
    case certificateAborted = "certificate-aborted"
    case passwordSpraying = "password-spraying"
    case connectionFailed = "connection-failed"

    // Of the server as a whole
    case noRoom = "no-room"
    case roomAgain = "room-again"
    case stress
    case stressEnded = "stress-ended"
    case failedLogins = "failed-logins"
    case failedLoginsEnded = "failed-logins-ended"
}
