import PosternConnection
public import PosternMail
public import PosternSMTP

/// What was seen of one port, step by step.
public struct PortEvidence: Sendable {
    public let target: ProbeTarget
    public let question: ProbeQuestion
    /// When it was asked.
    public let moment: Timestamp
    public private(set) var observations: [ProbeStep: Observation] = [:]
    /// Steps that the budget did not allow.
    public private(set) var untried: [ProbeStep: ProbeBudget.Shortage] = [:]

    public init(_ target: ProbeTarget, _ question: ProbeQuestion, at moment: Timestamp) {
        self.target = target
        self.moment = moment
        self.question = question
    }

    public mutating func add(_ observation: Observation) { observations[observation.step] = observation }
    mutating func leaveOut(_ step: ProbeStep, _ shortage: ProbeBudget.Shortage) { untried[step] = shortage }

    public var control: Observation? { observations[.withoutCertificate] }
    public var implicit: Observation? { observations[.withCertificate] }
    public var external: Observation? { observations[.external] }
    public var stranger: Observation? { observations[.stranger] }

    public var isCertificateRequested: Bool { observations.values.contains(where: \.isCertificateRequested) }

    /// Whether the server wants a certificate of everybody: who has none is sent away in TLS, or right behind it.
    public var isCertificateRequired: Bool {
        guard let control, control.isCertificateRequested, control.isSentAway else { return false }
        return !isSentAwayAlike
    }

    /// Whether who shows a certificate is sent away with the same words as who shows none.
    var isSentAwayAlike: Bool {
        guard let words = control?.rejection, let implicit else { return false }
        return implicit.rejection == words
    }

    /// The server's own certificate; nil where no step has seen it.
    public var serverCertificate: ServerCertificate? {
        control?.serverCertificate ?? observations[.olderTLS]?.serverCertificate
    }

    /// Whether the certificate works, and is of none of the authorities that the request names.
    var isKnownByFingerprint: Bool {
        guard let authorities, !authorities.isEmpty, let issuers = question.certificate?.issuers, !issuers.isEmpty,
            sequenceA.isAccepted || sequenceB.isAccepted, !baseline.isAccepted
        else { return false }
        return Set(authorities).isDisjoint(with: issuers)
    }

    /// Whether AUTH EXTERNAL was answered 235 with the person's certificate.
    public var isExternalAccepted: Bool { external?.authentication?.code == 235 }

    /// The authorities that the server's request names; nil where they were not seen.
    public var authorities: [String]? { observations[.olderTLS]?.authorities }

    /// What the sequences came to.
    public var sequenceA: Acceptance {
        guard let external else { return .unknown }
        guard let reply = external.authentication else { return Acceptance(external, question) }
        guard reply.code == 235 else { return reply.code / 100 == 4 ? .temporary(reply) : .refused(reply) }
        return Acceptance(external, question)
    }
    public var sequenceB: Acceptance { implicit.map { Acceptance($0, question) } ?? .unknown }
    /// Sequence B over TLS 1.2.
    public var olderSequenceB: Acceptance { observations[.olderTLS].map { Acceptance($0, question) } ?? .unknown }
    public var baseline: Acceptance { control.map { Acceptance($0, question) } ?? .unknown }
}

/// What became of a transaction that was begun, and never went on to content.
public enum Acceptance: Hashable, Sendable {
    /// Every command was taken.
    case accepted(Reply)
    /// For want of an authentication.
    case refused(Reply)
    /// 4yz.
    case temporary(Reply)
    /// For another reason.
    case otherwise(Reply)
    /// It came to no answer.
    case unknown

    init(_ observation: Observation, _ question: ProbeQuestion) {
        // The last word counts: many servers take MAIL of everybody, and decide at RCPT.
        let commands: [ProbeCommand] = [.recipient, .foreignMail, .mail]
        guard let command = commands.first(where: { observation.reply(to: $0) != nil }),
            let reply = observation.reply(to: command)
        else {
            self = .unknown
            return
        }
        switch reply.code {
        case 200..<300:
            self = question.recipient != nil && command != .recipient ? .unknown : .accepted(reply)
        case 400..<500: self = .temporary(reply)
        default: self = reply.isForWantOfAuthentication ? .refused(reply) : .otherwise(reply)
        }
    }

    public var isAccepted: Bool { if case .accepted = self { true } else { false } }
    public var isRefused: Bool { if case .refused = self { true } else { false } }
    public var isTemporary: Bool { if case .temporary = self { true } else { false } }

    public var reply: Reply? {
        switch self {
        case .accepted(let reply), .refused(let reply), .temporary(let reply), .otherwise(let reply): reply
        case .unknown: nil
        }
    }
}

extension Reply {
    /// RFC 4954 §6: 530; and what servers say in its place, 535, 550, 553 and 554, where the enhanced code, if there is
    /// one, does not speak of something else.
    var isForWantOfAuthentication: Bool {
        switch code {
        case 530, 534, 535, 538: true
        case 503, 550, 551, 553, 554: enhanced.map { $0.subject == 7 } ?? true
        default: enhanced?.subject == 7 && code >= 500
        }
    }
}

extension Observation {
    /// Whether the server has ended it in TLS or right behind it, before its EHLO had an answer.
    var isSentAway: Bool {
        guard capabilities == nil else { return false }
        switch end {
        case .quit: return false
        case .refused(_, let reply):
            let speaksOfIt = reply.enhanced.map { $0.subject == 7 } ?? true
            return tls != nil && (reply.code == 421 && speaksOfIt || reply.isForWantOfAuthentication)
        case .failed(let step, let failure):
            switch step {
            case .handshake: return isCertificateRequested && !failure.isOfServerCertificate
            case .greeting, .ehlo, .helo: return tls != nil
            default: return false
            }
        }
    }

    /// What the server has said to a certificate, in the words of TLS or of SMTP.
    public var rejection: String? {
        guard isSentAway else { return nil }
        switch end {
        case .quit: return nil
        case .refused(_, let reply): return reply.summary
        case .failed(_, let failure): return failure.text
        }
    }
}

extension ClientFailure {
    /// Whether it is we who do not trust the server.
    var isOfServerCertificate: Bool { text.contains("the server's certificate") || text.contains("not shown to it") }
}
