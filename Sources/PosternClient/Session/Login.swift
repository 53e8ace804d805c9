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

    private mutating func endLoop(_ message: OutgoingMessage?, _ actions: inout [Action]) {
        let text = "the next hop calls itself \(settings.hostname), as this server does: mail would come back"
        let failure = ClientFailure(code: "5.4.6", text: text)
        finish(message, with: failure, &actions) { .failed($0) }
        close(&actions)
    }

    // MARK: AUTH

    private mutating func authenticate(_ message: OutgoingMessage?, _ actions: inout [Action]) {
        let choice = settings.choice(
            offered: capabilities.mechanisms, isSecure: isSecure, isCertificateShown: isCertificateShown)
        switch choice {
        case .nothing:
            if settings.submission?.showsCertificate == true { authentication = .implicitCertificate }
            start(message, &actions)
        case .external(let attempt):
            isExternalTried = true
            let (exchange, progress) = Authentication.begin(attempt)
            begin(exchange, progress, message, &actions)
        case .password(let mechanism):
            guard let login = settings.credentials.login,
                let (exchange, progress) = Authentication.begin(mechanism, login, nonce: nonce)
            else { return abandon(.unauthenticated("there is no login for \(mechanism.rawValue)"), &actions) }
            begin(exchange, progress, message, &actions)
        case .impossible(let failure):
            abandon(failure, &actions)
        }
    }

    private mutating func begin(
        _ exchange: Authentication, _ progress: Authentication.Progress, _ message: OutgoingMessage?,
        _ actions: inout [Action]
    ) {
        phase = .authenticating(exchange, message)
        goOn(on: progress, message, &actions)
    }

    mutating func answer(
        _ reply: Reply, to authentication: Authentication, _ message: OutgoingMessage?, _ actions: inout [Action]
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
        on progress: Authentication.Progress, _ message: OutgoingMessage?, _ actions: inout [Action]
    ) {
        switch progress {
        case .say(let line):
            actions.append(.send(ByteBuffer(string: "\(line)\r\n")))
        case .prove(let challenge):
            actions.append(.prove(challenge))
        case .authenticated(let outcome):
            authentication = outcome
            start(message, &actions)
        case .failed(let failure):
            abandon(failure, &actions)
        }
    }
}
