public import PosternClient
import PosternConnection
public import PosternMail
import PosternSMTP

extension SendOutcome {
    public init(_ receipt: SubmissionReceipt, from host: String) {
        self.init(recipients: receipt.recipients.map(Self.fate), text: receipt.reply.summary)
        queueID = receipt.queueID
        replyCode = receipt.reply.code
        via = "\(host):\(receipt.connection.port), \(Self.words(receipt.connection.authentication))"
        transcript = receipt.transcript
    }

    /// - Parameter acceptsSomeRecipients: whether the message was to go to those that are accepted.
    public init(_ error: SubmissionError, for envelope: Envelope, acceptsSomeRecipients: Bool) {
        let whole = Self.fate(of: error)
        let isNoFaultOfMessage = Self.isNoFaultOfMessage(error)
        // What the recipients' own replies were counts only where the message ended there, and because of them.
        let fates =
            error.phase == .recipient && !isNoFaultOfMessage
            ? Self.fates(error, acceptsSomeRecipients: acceptsSomeRecipients)
            : envelope.recipients.map { RecipientFate($0.mailbox, whole, error.detail) }
        self.init(recipients: fates, text: error.detail)
        hint = error.hint
        replyCode = error.reply?.code
        self.isNoFaultOfMessage = isNoFaultOfMessage
        recipientsAtATime = Self.recipientsAtATime(error)
        transcript = error.transcript
    }

    /// By the reason, wherever it showed: a certificate that is not accepted may be told by the answer to MAIL or RCPT.
    private static func isNoFaultOfMessage(_ error: SubmissionError) -> Bool {
        switch error.reason {
        case .nameNotFound, .unreachable, .portSpeaksTLSAtOnce, .portExpectsSTARTTLS, .startTLSNotOffered, .notSMTP,
            .serverNameMismatch, .serverNotTrusted, .tlsFailed, .hostnameUnusable, .certificateRefused,
            .certificateRequired, .certificateNotRequested, .certificateNotAccepted, .certificateUnusable,
            .externalNotOffered, .passwordWanted, .passwordRefused, .noCommonMechanism, .credentialsNeedTLS,
            .relayDenied, .stopped:
            true
        case .refused, .timedOut, .connectionLost, .protocolViolation, .cancelled:
            [.connection, .handshake, .greeting, .ehlo, .startTLS, .authentication].contains(error.phase)
        default: false
        }
    }

    /// RFC 5321 §4.5.3.1.10, and the limit of RFC 9422.
    private static func recipientsAtATime(_ error: SubmissionError) -> Int? {
        if case .tooManyRecipients(let limit) = error.reason { return limit }
        guard error.phase == .recipient else { return nil }
        var refusals: [Reply] = []
        for report in error.recipients { if case .refused(let reply) = report.outcome { refusals.append(reply) } }
        guard refusals.allSatisfy(\.saysTooManyRecipients) else { return nil }
        // It took those before the first one that was too many.
        let taken = error.recipients.firstIndex { if case .refused = $0.outcome { true } else { false } }
        return taken.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func fates(_ error: SubmissionError, acceptsSomeRecipients: Bool) -> [RecipientFate] {
        let fates = error.recipients.map { report in
            if case .accepted = report.outcome { return RecipientFate(report.mailbox, .deferred, "not sent") }
            return Self.fate(report)
        }
        let refusal = fates.lazy.compactMap { one -> SendStatus? in
            if case .refused(let status) = one.fate { status } else { nil }
        }.first
        // Where all are to get it or none, one who never will is the end of it for everybody.
        guard !acceptsSomeRecipients, let refusal else { return fates }
        return fates.map { one in
            if case .refused = one.fate { return one }
            return RecipientFate(one.mailbox, .refused(refusal), "not sent, since another recipient was refused")
        }
    }

    private static func fate(_ report: RecipientReport) -> RecipientFate {
        switch report.outcome {
        case .accepted(let reply): RecipientFate(report.mailbox, .accepted, reply.summary)
        case .refused(let reply) where reply.code / 100 == 4: RecipientFate(report.mailbox, .deferred, reply.summary)
        case .refused(let reply): RecipientFate(report.mailbox, .refused(status(of: reply)), reply.summary)
        case .notSent: RecipientFate(report.mailbox, .deferred, "not sent")
        case .unknown: RecipientFate(report.mailbox, .uncertain, "no answer came")
        }
    }

    private static func fate(of error: SubmissionError) -> Fate {
        switch error.retry {
        case .later: .deferred
        case .unsafe: .uncertain
        case .no: .refused(status(of: error))
        }
    }

    private static func status(of error: SubmissionError) -> SendStatus {
        switch error.reason {
        case .portSpeaksTLSAtOnce, .portExpectsSTARTTLS, .startTLSNotOffered, .notSMTP, .serverNameMismatch,
            .serverNotTrusted, .tlsFailed, .credentialsNeedTLS, .certificateUnusable, .certificateNotRequested:
            .configurationError
        case .certificateRefused, .certificateRequired, .certificateNotAccepted, .externalNotOffered, .passwordWanted,
            .passwordRefused, .noCommonMechanism:
            .notPermitted
        case .contentRefused, .eightBitNotOffered, .internationalMailNotOffered, .tooLarge: .dataError
        case .contentUnreadable: .inputOutput
        default: .unavailable
        }
    }

    /// RFC 3463 §3.2: what is wrong with an address.
    private static func status(of reply: Reply) -> SendStatus {
        switch reply.enhanced {
        case EnhancedCode(1, 1), EnhancedCode(1, 3), EnhancedCode(1, 6), EnhancedCode(2, 1): .noUser
        case EnhancedCode(1, 2), EnhancedCode(1, 10): .noHost
        default: .unavailable
        }
    }

    private static func words(_ authentication: AuthenticationOutcome) -> String {
        switch authentication {
        case .none: "without authentication"
        case .external: "AUTH EXTERNAL"
        case .implicitCertificate: "MAIL on the certificate"
        case .password(let mechanism): "password (\(mechanism))"
        }
    }
}

extension Reply {
    /// Of those who give no enhanced code, the words say it: 452 is said of a full disk too.
    fileprivate var saysTooManyRecipients: Bool {
        guard code == 452 || code == 552 else { return false }
        return enhanced.map { ($0.subject, $0.detail) == (5, 3) }
            ?? summary.asciiLowercased.contains("too many recipients")
    }
}
