import Logging
import PosternSMTP
import PosternSubmission

extension SessionEvent {
    var logName: ServerEventName {
        switch self {
        case .secured: .secured
        case .handshakeTimedOut: .handshakeFailed
        case .authenticated: .authenticated
        case .authenticationRefused: .authenticationRefused
        case .accepted: .accepted
        case .refused: .refused
        case .octetsBehindStartTLS: .octetsBehindStartTLS
        case .tlsOnClearPort: .tlsOnClearPort
        case .anotherProtocol: .anotherProtocol
        case .clientFault: .clientFault
        case .closedByClient: .closed
        case .cutOff: .cutOff
        }
    }

    var logLevel: Logger.Level {
        switch self {
        case .secured, .handshakeTimedOut, .authenticated, .accepted, .refused: .info
        case .authenticationRefused, .tlsOnClearPort, .anotherProtocol, .clientFault, .cutOff: .notice
        case .octetsBehindStartTLS: .warning
        case .closedByClient(let inTransaction): inTransaction ? .info : .debug
        }
    }

    var logFields: Logger.Metadata {
        switch self {
        case .secured(let version, let certificate, _):
            ["tls": .string(version.rawValue), "cert": certificate.map { .dictionary($0.logFields) }].compactMapValues {
                $0
            }
        case .handshakeTimedOut(let limit):
            ["reason": .string("the TLS handshake was not done after \(limit.components.seconds) s (limits.handshake)")]
        case .authenticated(let record): ["auth": .dictionary(record.logFields(result: "accepted"))]
        case .authenticationRefused(let record): ["auth": .dictionary(record.logFields(result: "refused"))]
        case .accepted(let submission): submission.logFields
        case .refused(let verb, let reply): Self.fields(of: verb, reply)
        case .octetsBehindStartTLS(let count): ["octets": .stringConvertible(count)]
        case .tlsOnClearPort:
            ["hint": "a TLS handshake came where STARTTLS is spoken: the client is set to TLS at once, as for port 465"]
        case .anotherProtocol: ["hint": "what came is no SMTP; a browser or a scanner"]
        case .clientFault(.commandInsteadOfResponse):
            [
                "fault": "command-instead-of-response",
                "hint": "msmtp with GSASL does so where 'auth external' has no 'user'",
            ]
        case .closedByClient(let inTransaction), .cutOff(let inTransaction):
            ["in_transaction": .stringConvertible(inTransaction)]
        }
    }

    private static func fields(of verb: Verb?, _ reply: Reply) -> Logger.Metadata {
        var fields: Logger.Metadata = [
            "code": .stringConvertible(reply.code), "reply": .string(reply.lines.joined(separator: " ")),
        ]
        if let verb { fields["command"] = .string(verb.rawValue) }
        if let enhanced = reply.enhanced {
            fields["enhanced"] = .string("\(reply.code / 100).\(enhanced.subject).\(enhanced.detail)")
        }
        return fields
    }
}

extension Submission {
    /// One line for each accepted message: who, by which sequence, its name in the queue.
    var logFields: Logger.Metadata {
        [
            "queue_id": .string(id.description), "account": .string(account), "sequence": .string(sequence.rawValue),
            "from": .string(envelope.reversePath.description),
            "recipients": .stringConvertible(envelope.recipients.count), "size": .stringConvertible(size),
        ]
    }
}
