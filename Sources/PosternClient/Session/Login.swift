import NIOCore
import PosternConnection
import PosternSASL
import PosternSMTP

// From the connection to the first transaction: the opening, which is a machine of its own, and AUTH (RFC 4954).
extension ClientSession {
    mutating func secured(_ actions: inout [Action]) {
        guard isSecuring else { return }
        isSecure = true
        // RFC 3207 §4.2: what the server said before counts no more.
        forgetInput()
        open(&actions) { $0.secured() }
    }

    /// Hands an event to the opening, if it is not over.
    mutating func open(_ actions: inout [Action], _ event: (inout Opening) -> Opening.Progress) {
        guard case .opening(var opening, let message) = phase else { return }
        let progress = event(&opening)
        phase = .opening(opening, message)
        switch progress {
        case .wait: break
        case .say(let line): actions.append(.send(ByteBuffer(string: "\(line)\r\n")))
        // Behind STARTTLS it begins only when nothing stands behind the 220; see `read`.
        case .startTLS: if settings.tls == .implicit { actions.append(.startTLS) }
        case .open(let capabilities):
            self.capabilities = capabilities
            authenticate(message, &actions)
        case .ourselves: endLoop(message, &actions)
        case .refused(let reply): refuse(reply, &actions)
        case .failed(let failure): abandon(failure, &actions)
        }
    }

    private mutating func endLoop(_ message: OutgoingMessage, _ actions: inout [Action]) {
        let text = "the next hop calls itself \(settings.hostname), as this server does: mail would come back"
        let failure = ClientFailure(code: "5.4.6", text: text)
        actions.append(.finished(message.envelope.recipients.map { _ in .failed(failure) }))
        close(&actions)
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
        phase = .authenticating(authentication, message)
        goOn(on: progress, message, &actions)
    }

    mutating func answer(
        _ reply: Reply, to authentication: Authentication, _ message: OutgoingMessage, _ actions: inout [Action]
    ) {
        var authentication = authentication
        let progress = authentication.receive(reply, settings.credentials.login)
        phase = .authenticating(authentication, message)
        goOn(on: progress, message, &actions)
    }

    mutating func proved(_ proof: SCRAMProof?, _ actions: inout [Action]) {
        guard case .authenticating(var authentication, let message) = phase,
            let progress = authentication.receive(proof)
        else { return }
        phase = .authenticating(authentication, message)
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
