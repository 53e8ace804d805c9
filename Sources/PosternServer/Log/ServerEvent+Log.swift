import Logging
import PosternSubmission

extension ServerEvent {
    var logName: ServerEventName {
        switch self {
        case .listening: .listening
        case .connected: .connected
        case .disconnected: .disconnected
        case .tooManyConnections: .tooManyConnections
        case .plainTextOnTLSPort: .plainTextOnTLSPort
        case .handshakeFailed: .handshakeFailed
        case .certificateAborted: .certificateAborted
        case .passwordSpraying: .passwordSpraying
        case .connectionFailed: .connectionFailed
        }
    }

    var logLevel: Logger.Level {
        switch self {
        case .listening: .notice
        case .connected, .disconnected: .debug
        case .tooManyConnections, .passwordSpraying: .warning
        case .plainTextOnTLSPort, .certificateAborted: .notice
        case .handshakeFailed, .connectionFailed: .info
        }
    }

    var logFields: Logger.Metadata {
        switch self {
        case .listening(let address, let port): ["address": .string(address), "port": .stringConvertible(port)]
        case .connected, .disconnected, .tooManyConnections: [:]
        case .plainTextOnTLSPort:
            ["hint": "plain text came where TLS begins at once: the client is set to STARTTLS, as for port 587"]
        case .handshakeFailed(let reason), .connectionFailed(let reason): ["reason": .string(reason)]
        case .passwordSpraying(let names): ["names": .stringConvertible(names)]
        case .certificateAborted(let certificate): ["cert": .dictionary(certificate.logFields)]
        }
    }
}
