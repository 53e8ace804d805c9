import PosternIdentity
import PosternMail
import PosternSASL
import PosternSMTP

/// AUTH (RFC 4954): its exchange, and what its end means under each policy.
extension Session {
    /// The mechanisms that EHLO lists at this moment (standards/policies.md 7.2). None in clear.
    func mechanisms(_ dialogue: Dialogue, _ surroundings: Surroundings) -> [Mechanism] {
        guard dialogue.tls != nil else { return [] }
        let listener = surroundings.settings.listener
        let decision = dialogue.decision(in: surroundings)
        guard listener.policy.hasExternal, decision.canAuthenticate else { return [.plain] }
        // Passwords are withheld from those alone whom EXTERNAL lets in as things are: who has to name one of several
        // accounts, or to wait for a revocation list, keeps the other way.
        if listener.withholdsPasswordsFromCertificates, case .authenticated = decision.authenticate(as: nil) {
            return [.external]
        }
        return [.external, .plain]
    }

    func isAuthenticated(_ dialogue: Dialogue) -> Bool {
        switch dialogue.authentication {
        case .none, .failed: false
        case .implicit, .explicit: true
        }
    }

    /// RFC 4954 §4: no second AUTH, none inside a transaction.
    func refusalOfAuth(_ dialogue: Dialogue, _ surroundings: Surroundings) -> Refusal? {
        switch dialogue.authentication {
        case .explicit: return .alreadyAuthenticated
        case .implicit where surroundings.settings.listener.policy.implicitIsAuthentication:
            return .alreadyAuthenticated
        case .none, .failed, .implicit: break
        }
        return dialogue.transaction == nil ? nil : .authInTransaction
    }

    func auth(
        _ name: String, _ response: InitialResponse, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        guard let mechanism = Mechanism(name: name),
            mechanism != .external || surroundings.settings.listener.policy.hasExternal
        else { return refuse(.unknownMechanism, of: .auth, dialogue, surroundings, &actions) }
        var exchange = ServerExchange(mechanism)
        switch response {
        case .absent:
            let step = exchange.start(initialResponse: nil)
            return proceed(step, exchange, dialogue, surroundings, &actions)
        case .empty:
            let step = exchange.start(initialResponse: [])
            return proceed(step, exchange, dialogue, surroundings, &actions)
        case .text(let text):
            guard let octets = Base64.decode(text) else {
                return refuse(.notBase64, of: .auth, dialogue, surroundings, &actions)
            }
            let step = exchange.start(initialResponse: octets)
            return proceed(step, exchange, dialogue, surroundings, &actions)
        }
    }

    mutating func takeResponseLine(
        _ dialogue: Dialogue, _ exchange: ServerExchange, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        let limits = surroundings.settings.limits
        switch reader.next(from: &input, limit: limits.authLine, abandon: limits.abandonedLine) {
        case .incomplete: return .authenticating(dialogue, exchange)
        case .endless: return close(.endlessLine, .authenticating(dialogue, exchange), &actions)
        case .tooLong:
            return refuse(.authLineTooLong(limit: limits.authLine), of: .auth, dialogue, surroundings, &actions)
        case .line(let line): return respond(line, exchange, dialogue, surroundings, &actions)
        }
    }

    private func respond(
        _ line: [UInt8], _ exchange: ServerExchange, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        // RFC 4954 §4: the client takes its AUTH back.
        if line.elementsEqual("*".utf8) {
            return refuse(.exchangeCancelled, of: .auth, dialogue, surroundings, &actions)
        }
        let isEmptyByCustom = line.elementsEqual("=".utf8) && !surroundings.settings.listener.isSASLStrict
        guard let octets = isEmptyByCustom ? [] : Base64.decode(line) else {
            if (try? Command(parsing: line[...])) != nil {
                actions.append(.log(.clientFault(.commandInsteadOfResponse)))
            }
            return refuse(.notBase64, of: .auth, dialogue, surroundings, &actions)
        }
        var exchange = exchange
        let step = exchange.respond(octets)
        return proceed(step, exchange, dialogue, surroundings, &actions)
    }

    private func proceed(
        _ step: ServerExchange.Step, _ exchange: ServerExchange, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        switch step {
        case .challenge(let octets):
            actions.append(.send(Reply(334, Base64.encode(octets)), to: .auth))
            return .authenticating(dialogue, exchange)
        case .failed:
            return fail(.exchangeFailed, reason: "malformed", exchange, nil, nil, dialogue, surroundings, &actions)
        case .complete(.channel(let authorizationIdentity)):
            return external(authorizationIdentity, exchange, dialogue, surroundings, &actions)
        case .complete(.password(let credentials)):
            actions.append(.checkPassword(surroundings.snapshot.attempt(for: credentials)))
            return .checkingPassword(dialogue, exchange)
        }
    }

    private func external(
        _ authorizationIdentity: String?, _ exchange: ServerExchange, _ dialogue: Dialogue,
        _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        let decision = dialogue.decision(in: surroundings)
        let rule = surroundings.settings.listener.authorizationIdentityRule
        switch decision.authenticate(as: authorizationIdentity, rule: rule) {
        case .authenticated(let identity, let account):
            return authenticated(
                identity, .external, exchange, account.name, authorizationIdentity, decision, dialogue, surroundings,
                &actions)
        case .refused(let refusal):
            return fail(
                .external(refusal), reason: refusal.word, exchange, nil, authorizationIdentity, dialogue, surroundings,
                &actions)
        }
    }

    func passwordChecked(
        _ verdict: PasswordVerdict, _ exchange: ServerExchange, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        switch surroundings.snapshot.authenticate(verdict) {
        case .wrong:
            return fail(
                .wrongPassword, reason: "wrong-password", exchange, nil, verdict.login, dialogue, surroundings, &actions
            )
        case .disabled(let account):
            return fail(
                .accountDisabled, reason: "disabled", exchange, account, verdict.login, dialogue, surroundings, &actions
            )
        case .authenticated(let identity, let account):
            let decision = dialogue.decision(in: surroundings)
            let mustMatch = surroundings.settings.listener.certificateMustMatchAccount
            guard !mustMatch || decision.allows(account) else {
                return fail(
                    .certificateOfAnotherAccount, reason: "certificate-of-another-account", exchange, account.name,
                    verdict.login, dialogue, surroundings, &actions)
            }
            return authenticated(
                identity, .password, exchange, account.name, verdict.login, decision, dialogue, surroundings, &actions)
        }
    }

    /// A password that nobody looked at is none that was wrong.
    func passwordNotChecked(
        _ obstacle: PasswordObstacle, _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        switch obstacle {
        case .workersBusy: refuse(.passwordWorkersBusy, of: .auth, dialogue, surroundings, &actions)
        case .accountUnderAttack: refuse(.accountUnderAttack, of: .auth, dialogue, surroundings, &actions)
        case .tooManyFailures: close(.tooManyFailedLogins, .commanding(dialogue), &actions)
        }
    }

    private func authenticated(
        _ identity: Authenticated, _ sequence: Submission.Sequence, _ exchange: ServerExchange, _ account: String,
        _ claimed: String?, _ decision: CertificateDecision, _ dialogue: Dialogue, _ surroundings: Surroundings,
        _ actions: inout Actions
    ) -> State {
        var dialogue = dialogue
        dialogue.authentication = .explicit(identity, sequence)
        let record = AuthenticationRecord(
            sequence: sequence, mechanism: exchange.mechanism.rawValue, policy: surroundings.settings.listener.policy,
            tls: dialogue.tls?.version, account: account, claimed: claimed, certificate: CertificateSummary(decision),
            reason: nil)
        actions.append(.log(.authenticated(record)))
        return accept(Reply(235, .init(7, 0), "authentication succeeded"), to: .auth, dialogue, &actions)
    }

    /// An AUTH that ended in 535, 534 or 525 counts as failed; one that ended in 454 does not (SUB-097).
    private func fail(
        _ refusal: Refusal, reason: String, _ exchange: ServerExchange, _ account: String?, _ claimed: String?,
        _ dialogue: Dialogue, _ surroundings: Surroundings, _ actions: inout Actions
    ) -> State {
        var dialogue = dialogue
        if refusal.isFailedAuthentication, case .none = dialogue.authentication { dialogue.authentication = .failed }
        let isCertificate = exchange.mechanism == .external
        let record = AuthenticationRecord(
            sequence: isCertificate ? .external : .password, mechanism: exchange.mechanism.rawValue,
            policy: surroundings.settings.listener.policy, tls: dialogue.tls?.version, account: account,
            claimed: claimed,
            certificate: CertificateSummary(dialogue.decision(in: surroundings)), reason: reason)
        actions.append(.log(.authenticationRefused(record)))
        return refuse(refusal, of: .auth, dialogue, surroundings, &actions)
    }
}

extension CertificateDecision {
    /// Setting `certificate-account: must-match`: a certificate that leads somewhere opens only that account to a
    /// password. One that leads nowhere forbids nothing.
    func allows(_ account: Account) -> Bool {
        switch standing {
        case .noCertificate, .unusable, .tlsBelowMinimum, .unmapped: true
        case .mapped(_, let mapped): mapped.name == account.name
        case .ambiguous(_, let accounts): accounts.contains { $0.name == account.name }
        }
    }
}

extension ExternalRefusal {
    /// The reason as the log names it.
    var word: String {
        switch self {
        case .noCertificate: "no-certificate"
        case .unusable: "unusable"
        case .unmapped: "unmapped"
        case .ambiguous: "ambiguous"
        case .notPermitted: "not-permitted"
        case .disabled: "disabled"
        case .tlsBelowMinimum: "tls-below-minimum"
        case .revocationUnknown: "revocation-unknown"
        }
    }
}
