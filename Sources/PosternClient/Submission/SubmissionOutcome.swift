import PosternConnection
import PosternMail
import PosternSMTP
import Synchronization

// From the results of a connection to those of a submission.
extension ClientErrand.Conclusion {
    /// The reply by which somebody's copy was taken.
    var acceptance: Reply? {
        results.lazy.compactMap { if case .delivered(let reply, _) = $0 { reply } else { nil } }.first
    }

    /// Of several refusals the one that says most: what cannot be mended by waiting comes first.
    var decisiveFailure: ClientFailure? {
        let failures = results.compactMap { result -> (isPermanent: Bool, failure: ClientFailure)? in
            switch result {
            case .failed(let failure): (true, failure)
            case .deferred(let failure): (false, failure)
            case .delivered, .untried: nil
            }
        }
        return (failures.first { $0.isPermanent } ?? failures.first)?.failure
    }

    var connection: SubmissionConnection? {
        guard let facts, let port = facts.port else { return nil }
        let tls = facts.tls.map {
            SubmissionConnection.TLS(
                version: $0, isCertificateRequested: facts.isCertificateRequested,
                isCertificateShown: facts.isCertificateShown)
        }
        return SubmissionConnection(
            port: port, tls: tls, authentication: facts.authentication, capabilities: facts.capabilities)
    }
}

extension RecipientReport.Outcome {
    init(_ result: RecipientResult) {
        switch result {
        case .delivered(let reply, _): self = .accepted(reply)
        case .untried: self = .notSent
        case .deferred(let failure), .failed(let failure):
            if failure.isUncertain {
                self = .unknown
            } else if case .refused(_, let reply) = failure.cause {
                self = .refused(reply)
            } else {
                self = .notSent
            }
        }
    }
}

extension Envelope {
    /// Whether every server can be told of it; else it needs SMTPUTF8.
    var isASCII: Bool {
        let isSenderASCII = if case .mailbox(let sender) = reversePath { sender.isASCII } else { true }
        return isSenderASCII && recipients.allSatisfy(\.mailbox.isASCII)
    }

    /// The same to these recipients; nil where there is none.
    func to(_ recipients: [Recipient]) -> Envelope? {
        Envelope(reversePath: reversePath, recipients: recipients, body: body, returnedContent: returnedContent, id: id)
    }

    /// The same for content with 8-bit octets.
    var eightBit: Envelope {
        Envelope(
            reversePath: reversePath, recipients: recipients, body: .eightBit, returnedContent: returnedContent, id: id)
            ?? self
    }
}

extension ClientFailure {
    /// For recipients of whom a transaction has said nothing, which none does.
    static let untried = ClientFailure(code: "4.5.0", text: "no transaction has named the recipient")
}

extension SubmissionError {
    static let stopped = SubmissionError(.stopped, "the client is being shut down", .later(after: nil))
    static let busy = SubmissionError(
        .busy, "no connection became free in time", .later(after: .seconds(10)),
        hint: "The server is slow, or more is sent than so many connections carry: see PoolLimits")
    static let cancelled = SubmissionError(.cancelled, "cancelled before anything was sent", .later(after: nil))
    static let noPorts = SubmissionError(.unreachable, "there is no port to connect to", .no)
    static let hostnameUnusable = SubmissionError(
        .hostnameUnusable, "the client's own name cannot stand in EHLO", .no,
        hint: "The name must be a domain, or an address in brackets")
    static let credentialsInClear = SubmissionError(
        .credentialsNeedTLS, "there is a credential, and a port without TLS", .no,
        hint: "A credential goes over verified TLS alone: choose implicit TLS or STARTTLS for the port")

    static func cancelled(
        _ failure: ClientFailure, _ reports: [RecipientReport], _ facts: ClientFacts?
    ) -> SubmissionError {
        SubmissionError(
            reason: .cancelled, phase: failure.isUncertain ? .endOfData : .connection, reply: nil,
            acceptance: failure.isUncertain ? .mayHaveBeenAccepted : .notAccepted,
            retry: failure.isUncertain ? .unsafe : .later(after: nil), detail: "cancelled: \(failure)", hint: "",
            recipients: reports, transcript: facts?.transcript ?? [])
    }

    static func message(_ error: MessageError) -> SubmissionError {
        SubmissionError(.message(error), "the message cannot be composed: \(error)", .no, phase: .content)
    }

    private init(
        _ reason: Reason, _ detail: String, _ retry: Retry, phase: ClientStep = .connection, hint: String = ""
    ) {
        self.init(
            reason: reason, phase: phase, reply: nil, acceptance: .notAccepted, retry: retry, detail: detail,
            hint: hint, recipients: [], transcript: [])
    }
}

/// The ports of a server, the one that was spoken to last first.
final class SubmissionPorts: Sendable {
    private let all: [SubmissionPort]
    private let preferred = Mutex<SubmissionPort?>(nil)

    init(_ ports: [SubmissionPort]) { all = ports }

    var inOrder: [SubmissionPort] {
        guard let first = preferred.withLock(\.self) else { return all }
        return [first] + all.filter { $0 != first }
    }

    func prefer(_ port: SubmissionPort) {
        preferred.withLock { $0 = port }
    }
}
