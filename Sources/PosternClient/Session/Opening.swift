import NIOCore
import PosternSMTP

// From the connection to the first transaction (RFC 5321 §3.1, §3.2, RFC 3207).
extension ClientSession {
    mutating func connected(_ actions: inout [Action]) {
        guard case .opening(.connection, let message) = phase else { return }
        guard settings.tls == .implicit else {
            phase = .opening(.greeting, message)
            return
        }
        phase = .opening(.handshake, message)
        actions.append(.startTLS)
    }

    mutating func secured(_ actions: inout [Action]) {
        guard case .opening(.handshake, let message) = phase else { return }
        isSecure = true
        // RFC 3207 §4.2: what the server said before counts no more.
        forgetInput()
        if settings.tls == .implicit {
            phase = .opening(.greeting, message)
        } else {
            sayHello(message, &actions)
        }
    }

    mutating func answer(_ reply: Reply, to opening: Opening, _ message: OutgoingMessage, _ actions: inout [Action]) {
        switch opening {
        case .connection, .handshake:
            break
        case .greeting:
            guard reply.code == 220 else { return refuse(reply, &actions) }
            sayHello(message, &actions)
        case .hello:
            answerHello(reply, message, &actions)
        case .helo:
            guard reply.isPositive else { return refuse(reply, &actions) }
            goOn(message, &actions)
        case .startTLS:
            answerStartTLS(reply, message, &actions)
        }
    }

    private mutating func sayHello(_ message: OutgoingMessage, _ actions: inout [Action]) {
        phase = .opening(.hello, message)
        let verb = settings.dialect == .lmtp ? "LHLO" : "EHLO"
        actions.append(.send(ByteBuffer(string: "\(verb) \(settings.hostname)\r\n")))
    }

    private mutating func answerHello(_ reply: Reply, _ message: OutgoingMessage, _ actions: inout [Action]) {
        if reply.isPositive {
            capabilities = ServerCapabilities(reply)
            return goOn(message, &actions)
        }
        // RFC 5321 §3.2: a server that does not know EHLO may know HELO; LMTP has no older word (RFC 2033 §4.1).
        guard reply.code >= 500, settings.dialect == .smtp else { return refuse(reply, &actions) }
        phase = .opening(.helo, message)
        actions.append(.send(ByteBuffer(string: "HELO \(settings.hostname)\r\n")))
    }

    /// The server has introduced itself: TLS next, or the transaction.
    private mutating func goOn(_ message: OutgoingMessage, _ actions: inout [Action]) {
        guard !isSecure, settings.tls != .none else { return start(message, &actions) }
        if capabilities.offersStartTLS {
            phase = .opening(.startTLS, message)
            actions.append(.send(ByteBuffer(string: "STARTTLS\r\n")))
        } else if settings.tls == .may {
            start(message, &actions)
        } else {
            abandon(ClientFailure(code: "4.7.4", text: "STARTTLS is not offered, and TLS is required"), &actions)
        }
    }

    private mutating func answerStartTLS(_ reply: Reply, _ message: OutgoingMessage, _ actions: inout [Action]) {
        if reply.code == 220 {
            // TLS begins only when nothing stands behind the 220; see `read`.
            phase = .opening(.handshake, message)
        } else if reply.isRefusal, reply.code != 421, settings.tls == .may {
            start(message, &actions)
        } else {
            refuse(reply, &actions)
        }
    }
}
