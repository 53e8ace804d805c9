import PosternConnection
import PosternSMTP

/// From what a connection suffered to an error that says what is wrong and what to do.
struct SubmissionDiagnosis: Sendable {
    let failure: ClientFailure
    let facts: ClientFacts?
    let attempt: SubmissionPlan.Attempt
    let host: String
    /// What EXTERNAL was answered, before the certificate alone was tried.
    var externalRefusal: ClientFailure?
    var earlierPorts: [(SubmissionPort, ClientFailure)] = []

    func error(_ recipients: [RecipientReport] = []) -> SubmissionError {
        let reason = reason
        return SubmissionError(
            reason: reason, phase: phase, reply: reply,
            acceptance: failure.isUncertain ? .mayHaveBeenAccepted : .notAccepted, retry: retry(reason),
            detail: detail, hint: hint(reason), recipients: recipients, transcript: facts?.transcript ?? [])
    }

    fileprivate var phase: ClientStep {
        switch failure.cause {
        case .refused(let step, _), .malformed(let step), .lost(let step), .timedOut(let step): step
        case .cannotConnect: .connection
        case .tls: .handshake
        case .startTLSNotOffered: .startTLS
        case .unauthenticated: .authentication
        case .contentUnreadable: .content
        case .eightBitNotOffered, .internationalMailNotOffered, .tooLarge, .tooManyRecipients, .other: .mail
        }
    }

    private var reply: Reply? {
        if case .refused(_, let reply) = failure.cause { reply } else { nil }
    }

    private var detail: String {
        let place = "\(host), port \(attempt.port)"
        let earlier = earlierPorts.map { "; before that port \($0.0.number): \($0.1.text)" }.joined()
        let external = externalRefusal.map { "\($0.text), and on another connection " } ?? ""
        return "\(place): \(external)\(failure)\(earlier)"
    }

    // MARK: The reason

    private var reason: SubmissionError.Reason {
        switch failure.cause {
        case .cannotConnect(.nameNotFound): .nameNotFound
        case .cannotConnect(.unreachable): .unreachable
        case .tls(let fault): reason(fault)
        case .startTLSNotOffered: .startTLSNotOffered
        case .malformed(.greeting): .notSMTP
        case .malformed: .protocolViolation
        case .timedOut: .timedOut
        case .lost: .connectionLost
        case .unauthenticated(let obstacle): reason(obstacle)
        case .eightBitNotOffered: .eightBitNotOffered
        case .internationalMailNotOffered: .internationalMailNotOffered
        case .tooLarge(let limit): .tooLarge(limit: limit)
        case .tooManyRecipients(let limit): .tooManyRecipients(limit: limit)
        case .contentUnreadable: .contentUnreadable
        case .refused(let step, let reply): reason(step, reply)
        case .other: .protocolViolation
        }
    }

    private func reason(_ fault: TLSFault) -> SubmissionError.Reason {
        switch fault {
        case .untrusted: .serverNotTrusted
        case .foreignName(let names): .serverNameMismatch(names: names)
        case .notTLS: .portExpectsSTARTTLS
        case .spokenAtOnce: .portSpeaksTLSAtOnce
        case .keyUnavailable: .certificateUnusable
        case .certificateRequired: .certificateRequired
        case .certificateRefused: isCertificateWithheld ? .certificateRequired : .certificateRefused
        // Before TLS 1.3 there was no alert of its own for it.
        case .handshakeRefused: isCertificateWithheld ? .certificateRequired : .tlsFailed
        case .tooOld, .other: .tlsFailed
        }
    }

    fileprivate var isCertificateWithheld: Bool {
        facts?.isCertificateRequested == true && facts?.isCertificateShown == false
    }

    private func reason(_ obstacle: AuthenticationObstacle) -> SubmissionError.Reason {
        switch obstacle {
        case .needsVerifiedTLS: .credentialsNeedTLS
        case .certificateNotRequested: .certificateNotRequested
        case .externalNotOffered: .externalNotOffered
        case .noCommonMechanism(let offered): .noCommonMechanism(offered: offered)
        case .exchange: .protocolViolation
        }
    }

    private func reason(_ step: ClientStep, _ reply: Reply) -> SubmissionError.Reason {
        if failure.isCertificateRefusal(facts) { return .certificateNotAccepted }
        guard reply.code >= 500 else { return .refused }
        switch step {
        case .authentication: return facts?.isExternalTried == true ? .certificateNotAccepted : .passwordRefused
        case .mail, .recipient: return envelopeReason(step, reply)
        case .data, .content, .endOfData: return .contentRefused
        default: return .refused
        }
    }

    private func envelopeReason(_ step: ClientStep, _ reply: Reply) -> SubmissionError.Reason {
        if facts?.authentication == AuthenticationOutcome.none {
            if reply.code == 530 { return .passwordWanted }
            if step == .recipient, reply.asksForAuthentication { return .relayDenied }
        }
        return step == .mail ? .senderRefused : .recipientsRefused
    }

    // MARK: What to do

    private func retry(_ reason: SubmissionError.Reason) -> SubmissionError.Retry {
        if failure.isUncertain { return .unsafe }
        if let reply { return reply.code < 500 ? .later(after: delay(reply)) : .no }
        switch reason {
        case .unreachable, .connectionLost, .timedOut: return .later(after: .seconds(60))
        // Nobody here has done anything wrong, and the server may be mended (A3).
        case .nameNotFound, .serverNotTrusted, .serverNameMismatch, .tlsFailed, .startTLSNotOffered,
            .protocolViolation, .contentUnreadable, .notSMTP:
            return .later(after: nil)
        default: return .no
        }
    }

    private func delay(_ reply: Reply) -> Duration {
        // Who says 450 or 451 to a stranger for the first time mostly waits for five minutes to pass.
        reply.code == 421 ? .seconds(60) : .seconds(300)
    }

    private func hint(_ reason: SubmissionError.Reason) -> String {
        if failure.isUncertain { return "The server may have taken the message: sent again, it can come twice" }
        return SubmissionHint.words(reason, self)
    }
}

/// What is probably wrong, and what to change.
enum SubmissionHint {
    static func words(_ reason: SubmissionError.Reason, _ diagnosis: SubmissionDiagnosis) -> String {
        let port = diagnosis.attempt.port
        return switch reason {
        case .nameNotFound: "Is the server's name spelt right, and is there a network?"
        case .unreachable: "Nothing answers at the port: is it the right one, and does no firewall stand in between?"
        case .portSpeaksTLSAtOnce:
            "The port probably speaks TLS at once; choose implicit TLS for it, as is usual for 465"
        case .portExpectsSTARTTLS:
            "The port answers in clear: choose STARTTLS for it, as is usual for 587"
        case .startTLSNotOffered:
            "Without TLS nothing is sent. Is this a port for submission? 465 with TLS at once is the better one"
        case .notSMTP:
            "What answers at port \(port.number) is no mail server: is the port that of IMAP, POP or a web server?"
        case .serverNameMismatch(let names): nameMismatch(names)
        case .serverNotTrusted:
            "If the server's authority is one of your own, add its certificate to the trusted ones; else it may have expired"
        case .tlsFailed: ofTLS(diagnosis)
        case .timedOut: ofSilence(diagnosis)
        case .connectionLost: ofLoss(diagnosis)
        default: ofCredentials(reason, diagnosis)
        }
    }

    private static func ofTLS(_ diagnosis: SubmissionDiagnosis) -> String {
        switch diagnosis.failure.cause {
        case .tls(.tooOld), .tls(.handshakeRefused): "The server and this client find no TLS that both accept"
        default: "Try again later; if it stays, the server's TLS needs mending"
        }
    }

    private static func ofSilence(_ diagnosis: SubmissionDiagnosis) -> String {
        let port = diagnosis.attempt.port
        guard diagnosis.phase == .greeting, port.security != .implicitTLS else {
            return "The server, or the network, is slow or hangs: try again later"
        }
        return """
            The server is slow or hangs, or port \(port.number) speaks TLS at once: if it stays, choose implicit TLS for it, \
            as is usual for 465
            """
    }

    /// In TLS 1.3 a server sees the certificate when the handshake is over for the client.
    private static func ofLoss(_ diagnosis: SubmissionDiagnosis) -> String {
        guard [.handshake, .greeting, .ehlo].contains(diagnosis.phase) else { return "Try again later" }
        if diagnosis.facts?.isCertificateShown == true {
            return "Try again later; right behind the client's certificate it may mean that the server refuses it"
        }
        if diagnosis.isCertificateWithheld {
            return "Try again later; the server asked for a client certificate, got none, and may not go on without one"
        }
        return "Try again later"
    }

    private static func nameMismatch(_ names: [String]) -> String {
        guard !names.isEmpty else { return "The server's certificate holds no name: it cannot be verified" }
        let some = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and others" : "")
        return "The server's certificate is for \(some): use a name that stands there"
    }

    private static func ofCredentials(
        _ reason: SubmissionError.Reason, _ diagnosis: SubmissionDiagnosis
    ) -> String {
        let mechanisms = diagnosis.facts?.capabilities.mechanisms ?? []
        let offered = mechanisms.isEmpty ? "nothing" : mechanisms.joined(separator: ", ")
        return switch reason {
        case .certificateRefused:
            "The server ended TLS because of the client's certificate: it has expired, was revoked, or is of an authority that the server does not know"
        case .certificateRequired: "The server wants a client certificate, and there was none to show"
        case .certificateNotRequested:
            "The server did not ask for a client certificate on this port, so none was shown; another port may ask, or a password is needed"
        case .certificateNotAccepted:
            "The server saw the client's certificate and did not let it through: is it the one that belongs to the account, and does the account own the sender's address? AUTH offers \(offered)"
        case .certificateUnusable:
            "The key of the client's certificate could not be used: a wrong PIN or pass phrase?"
        case .externalNotOffered:
            "The policy wants AUTH EXTERNAL, which the server does not list for this certificate; the policy 'automatic' would try the certificate alone"
        case .passwordWanted: "The server wants an authentication, and there is none configured. AUTH offers \(offered)"
        case .passwordRefused: "The account's name or its password is wrong, or the account may not send"
        case .noCommonMechanism(let offered):
            offered.contains("EXTERNAL")
                ? "The server takes client certificates, and no password here"
                : offered.isEmpty
                    ? "The server offers no AUTH here"
                    : "The server takes only \(offered.joined(separator: ", ")), none of which is known here"
        case .credentialsNeedTLS:
            "A credential goes over verified TLS alone: choose implicit TLS or STARTTLS for the port"
        default: ofTransaction(reason)
        }
    }

    private static func ofTransaction(_ reason: SubmissionError.Reason) -> String {
        switch reason {
        case .relayDenied:
            "The server does not pass on mail of people that it does not know: configure a certificate or a password"
        case .senderRefused: "The account may not own the sender's address"
        case .recipientsRefused: "The server does not take these recipients"
        case .contentRefused: "The server does not take this content"
        case .eightBitNotOffered: "The server takes 7-bit content alone: encode it as quoted-printable or base64"
        case .internationalMailNotOffered:
            "The server takes ASCII alone in addresses and headers: encode headers (RFC 2047), and use other addresses"
        case .tooLarge(let limit): "The server takes messages of up to \(limit) octets"
        case .tooManyRecipients(let limit): "Send to \(limit) recipients at a time"
        default: ""
        }
    }
}
