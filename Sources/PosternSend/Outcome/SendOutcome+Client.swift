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
        // What the recipients' own replies were counts only where the message ended there.
        let fates =
            error.phase == .recipient
            ? Self.fates(error, acceptsSomeRecipients: acceptsSomeRecipients)
            : envelope.recipients.map { RecipientFate($0.mailbox, whole, error.detail) }
        self.init(recipients: fates, text: error.detail)
        hint = error.hint
        replyCode = error.reply?.code
        isServerUnreachable = [.connection, .handshake, .greeting, .ehlo, .startTLS, .authentication].contains(
            error.phase)
        transcript = error.transcript
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
