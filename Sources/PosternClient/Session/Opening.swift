import NIOCore
import PosternSASL
import PosternSMTP

// From the connection to the first transaction (RFC 5321 §3.1, §3.2, RFC 3207, RFC 4954).
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
        case .authentication(var authentication):
            let progress = authentication.receive(reply, settings.credentials.login)
            phase = .opening(.authentication(authentication), message)
            goOn(on: progress, message, &actions)
        }
    }

    private mutating func sayHello(_ message: OutgoingMessage, _ actions: inout [Action]) {
        phase = .opening(.hello, message)
        let verb = settings.dialect == .lmtp ? "LHLO" : "EHLO"
        actions.append(.send(ByteBuffer(string: "\(verb) \(settings.hostname)\r\n")))
    }

    private mutating func answerHello(_ reply: Reply, _ message: OutgoingMessage, _ actions: inout [Action]) {
        if reply.isPositive {
            guard !isOurselves(reply) else { return endLoop(message, &actions) }
            capabilities = ServerCapabilities(reply)
            return goOn(message, &actions)
        }
        // RFC 5321 §3.2: a server that does not know EHLO may know HELO; LMTP has no older word (RFC 2033 §4.1).
        guard reply.code >= 500, settings.dialect == .smtp else { return refuse(reply, &actions) }
        phase = .opening(.helo, message)
        actions.append(.send(ByteBuffer(string: "HELO \(settings.hostname)\r\n")))
    }

    /// C15: whoever answers EHLO with our own hostname is this server, or one that would take our Received fields for its
    /// own. In LMTP it is the mail store of the same host, which has a right to the name.
    private func isOurselves(_ reply: Reply) -> Bool {
        guard settings.dialect == .smtp, let name = reply.lines.first?.split(separator: " ").first else { return false }
        return name.lowercased() == settings.hostname.lowercased()
    }

    private mutating func endLoop(_ message: OutgoingMessage, _ actions: inout [Action]) {
        let text = "the next hop calls itself \(settings.hostname), as this server does: mail would come back"
        let failure = ClientFailure(code: "5.4.6", text: text)
        actions.append(.finished(message.envelope.recipients.map { _ in .failed(failure) }))
        close(&actions)
    }

    /// The server has introduced itself: TLS next, or who we are.
    private mutating func goOn(_ message: OutgoingMessage, _ actions: inout [Action]) {
        guard !isSecure, settings.tls != .none else { return authenticate(message, &actions) }
        if capabilities.offersStartTLS {
            phase = .opening(.startTLS, message)
            actions.append(.send(ByteBuffer(string: "STARTTLS\r\n")))
        } else if settings.tls == .may {
            authenticate(message, &actions)
        } else {
            abandon(ClientFailure(code: "4.7.4", text: "STARTTLS is not offered, and TLS is required"), &actions)
        }
    }

    private mutating func answerStartTLS(_ reply: Reply, _ message: OutgoingMessage, _ actions: inout [Action]) {
        if reply.code == 220 {
            // TLS begins only when nothing stands behind the 220; see `read`.
            phase = .opening(.handshake, message)
        } else if reply.isRefusal, reply.code != 421, settings.tls == .may {
            authenticate(message, &actions)
        } else {
            refuse(reply, &actions)
        }
    }

    // MARK: AUTH

    private mutating func authenticate(_ message: OutgoingMessage, _ actions: inout [Action]) {
        let credentials = settings.credentials
        guard !credentials.isEmpty else { return start(message, &actions) }
        // D7: whoever stands between could else have the password, or be taken for the next hop.
        guard isSecure, settings.tls.verifies else {
            return abandon(.unauthenticated("credentials are for verified TLS alone"), &actions)
        }
        let offered = capabilities.mechanisms
        guard let mechanism = credentials.mechanisms.first(where: { offered.contains($0.rawValue) }) else {
            // A server that does not list EXTERNAL may take the certificate for the authentication of MAIL.
            guard credentials.login != nil else { return start(message, &actions) }
            let wanted = credentials.mechanisms.map(\.rawValue).joined(separator: ", ")
            return abandon(.unauthenticated("EHLO offers none of \(wanted)"), &actions)
        }
        guard let (authentication, progress) = Authentication.begin(mechanism, credentials.login, nonce: nonce) else {
            return abandon(.unauthenticated("there is no login for \(mechanism.rawValue)"), &actions)
        }
        phase = .opening(.authentication(authentication), message)
        goOn(on: progress, message, &actions)
    }

    mutating func proved(_ proof: SCRAMProof?, _ actions: inout [Action]) {
        guard case .opening(.authentication(var authentication), let message) = phase,
            let progress = authentication.receive(proof)
        else { return }
        phase = .opening(.authentication(authentication), message)
        goOn(on: progress, message, &actions)
    }

    private mutating func goOn(
        on progress: Authentication.Progress, _ message: OutgoingMessage, _ actions: inout [Action]
    ) {
        switch progress {
        case .say(let line):
            actions.append(.send(ByteBuffer(string: "\(line)\r\n")))
        case .prove(let challenge):
            actions.append(.prove(challenge))
        case .authenticated:
            isAuthenticated = true
            start(message, &actions)
        case .failed(let failure):
            abandon(failure, &actions)
        }
    }
}
