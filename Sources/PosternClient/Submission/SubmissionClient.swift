public import Logging
import PosternConnection
public import PosternMail
public import ServiceLifecycle

/// Submits messages to one server over a pool of connections.
///
///     let client = SubmissionClient(configuration, logger: logger)
///     let receipt = try await client.send(SubmissionContent(message), envelope: envelope)
///
/// It need not run as a service; as one it ends what is under way before it stops. It counts `smtp_submissions_total` by
/// `result` (accepted, refused, later, uncertain), times `smtp_submission_seconds`, and tells `smtp_submission_connections` and
/// `smtp_submission_waiting`.
public final class SubmissionClient: Service {
    private let configuration: SubmissionConfiguration
    private let logger: Logger
    private let pool: SubmissionPool
    private let idle: IdleConnections
    private let connectors: [Connector]
    private let metrics = SubmissionMetrics()
    /// The port that was spoken to last is the first for the next connection.
    private let ports: SubmissionPorts

    public init(_ configuration: SubmissionConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        let limits = configuration.pool
        pool = SubmissionPool(limits)
        let idle = IdleConnections(
            time: .nanoseconds(limits.idleTime.wholeNanoseconds), messageLimit: limits.messagesPerConnection)
        self.idle = idle
        ports = SubmissionPorts(configuration.ports)
        connectors = configuration.ports.map { port in
            Connector(.host(configuration.host, port: port.number), idle: idle)
        }
    }

    /// Runs until it is told to stop. Then nothing new is taken, what is under way is finished, and every connection says
    /// goodbye.
    public func run() async throws {
        // Whoever cancels it waits for nothing.
        try? await gracefulShutdown()
        await pool.close()
        await idle.close()
        for connector in connectors { connector.giveUp() }
    }

    /// Submits a message. When the task is cancelled, the connection is cut.
    /// - Parameter envelope: that the content is 8-bit, the content says itself.
    public func send(
        _ content: SubmissionContent, envelope: Envelope, recipients: RecipientPolicy = .allOrNothing
    ) async throws(SubmissionError) -> SubmissionReceipt {
        let start = ContinuousClock.now
        do throws(SubmissionError) {
            let receipt = try await withConnection { () async throws(SubmissionError) in
                try await deliver(Errand(content, envelope, recipients))
            }
            metrics.note(nil, after: .now - start)
            log(receipt)
            return receipt
        } catch {
            metrics.note(error, after: .now - start)
            logger.debug("not submitted", metadata: ["reason": "\(error.reason)", "detail": "\(error.detail)"])
            throw error
        }
    }

    /// Connects, shows who it is, and says goodbye. Whether a certificate that is not listed as EXTERNAL is honoured shows
    /// only with a message.
    public func check() async throws(SubmissionError) -> SubmissionCheck {
        try await withConnection { () async throws(SubmissionError) in
            let (conclusion, attempt) = try await conclusion(of: nil)
            if let failure = conclusion.failure { throw error(failure, conclusion, attempt, []) }
            guard let connection = conclusion.connection else { throw .stopped }
            return SubmissionCheck(connection: connection, transcript: conclusion.facts?.transcript ?? [])
        }
    }

    private func withConnection<Result>(
        _ use: () async throws(SubmissionError) -> Result
    ) async throws(SubmissionError) -> Result {
        do {
            try await pool.enter()
        } catch is SubmissionPool.Closed {
            throw .stopped
        } catch is SubmissionPool.Busy {
            throw .busy
        } catch {
            throw .cancelled
        }
        metrics.note(pool.load)
        defer {
            pool.leave()
            metrics.note(pool.load)
        }
        return try await use()
    }

    // MARK: One message

    /// A message under way.
    private struct Errand: Sendable {
        let message: OutgoingMessage
        let body: @Sendable () async -> BodyPiece
        private let content: SubmissionContent
        private let policy: RecipientPolicy

        init(_ content: SubmissionContent, _ envelope: Envelope, _ policy: RecipientPolicy) {
            message = OutgoingMessage(
                content.isEightBit ? envelope.eightBit : envelope, length: content.length,
                needsInternationalMail: content.hasInternationalHeader || !envelope.isASCII,
                isAllOrNothing: policy == .allOrNothing)
            self.content = content
            self.policy = policy
            body = content.open()
        }

        /// The same for those whom the server has not taken in one transaction with the others (RFC 9422).
        func rest(after results: [RecipientResult]) -> Errand? {
            guard policy == .partial, content.isRepeatable else { return nil }
            let recipients = zip(message.envelope.recipients, results).filter { $0.1 == .untried }.map(\.0)
            return message.envelope.to(recipients).map { Errand(content, $0, policy) }
        }
    }

    private func deliver(_ errand: Errand) async throws(SubmissionError) -> SubmissionReceipt {
        let (conclusion, plan) = try await conclusion(of: errand)
        guard let reply = conclusion.acceptance, let connection = conclusion.connection else {
            let reports = Self.reports(errand, conclusion.results)
            throw error(conclusion.decisiveFailure ?? .untried, conclusion, plan, reports)
        }
        var results = conclusion.results
        var transcript = conclusion.facts?.transcript ?? []
        while let rest = errand.rest(after: results) {
            let next = try await self.conclusion(of: rest).0
            transcript += next.facts?.transcript ?? []
            // Each takes at least one of them out of those that are left, unless nothing came about.
            guard next.results.contains(where: { $0 != .untried }) else { break }
            var later = next.results[...]
            results = results.map { $0 == .untried ? later.popFirst() ?? $0 : $0 }
        }
        return SubmissionReceipt(
            reply: reply, queueID: reply.queueID, recipients: Self.reports(errand, results), connection: connection,
            transcript: transcript)
    }

    private static func reports(_ errand: Errand, _ results: [RecipientResult]) -> [RecipientReport] {
        zip(errand.message.envelope.recipients, results).map {
            RecipientReport($0.mailbox, RecipientReport.Outcome($1))
        }
    }

    /// Over an idle connection, or as many fresh ones as the plan has.
    /// - Parameter errand: without one a connection is only tried.
    private func conclusion(
        of errand: Errand?
    ) async throws(SubmissionError) -> (ClientErrand.Conclusion, SubmissionPlan) {
        try refuseCredentialsInClear()
        guard configuration.isHostnameUsable else { throw .hostnameUnusable }
        guard var plan = await plan() else { throw .noPorts }
        if let errand, let reused = await connectors.first?.reuse(errand.message, errand.body) {
            let failure = reused.acceptance == nil ? reused.decisiveFailure : nil
            let isOver =
                reused.isContentBegun || !reused.isStale && failure?.asksForFreshConnection(reused.facts) != true
            if isOver || Task.isCancelled { return (reused, plan) }
        }
        while true {
            let conclusion = await attempt(plan.attempt, errand)
            let failure = conclusion.failure ?? conclusion.decisiveFailure
            if conclusion.acceptance == nil, !conclusion.isContentBegun, let failure, !Task.isCancelled {
                if plan.goOn(after: failure, conclusion.facts) { continue }
            }
            await remember(conclusion, plan)
            return (conclusion, plan)
        }
    }

    private func attempt(_ attempt: SubmissionPlan.Attempt, _ errand: Errand?) async -> ClientErrand.Conclusion {
        let tls = attempt.port.security.tls
        var settings = ClientSettings(
            hostname: configuration.hostname, tls: tls,
            credentials: ClientCredentials(login: configuration.login), timeouts: configuration.timeouts)
        settings.submission = attempt.method
        let desk = CertificateDesk(
            attempt.method.showsCertificate ? configuration.certificate : nil, host: configuration.host)
        let endpoint = ClientEndpoint.host(configuration.host, port: attempt.port.number)
        do {
            // A context for each connection: so none is resumed, in which the certificate would not be shown.
            let context = try tls.context(trust: configuration.trust, asked: { _, promise in desk.ask(promise) })
            let transport = ClientHandler.Transport(
                context: context, serverName: endpoint.serverName, desk: desk, port: attempt.port,
                isRecorded: configuration.recordsTranscript)
            let index = configuration.ports.firstIndex(of: attempt.port) ?? 0
            return await connectors[index].attempt(errand?.message, settings, transport, errand?.body ?? Self.nothing)
        } catch {
            let failure = ClientFailure(
                code: "4.7.5", text: "no TLS here: \(ClientTLSFailure.words(error))", .tls(.other))
            return ClientErrand.Conclusion(
                results: errand?.message.envelope.recipients.map { _ in .deferred(failure) } ?? [], failure: failure)
        }
    }

    private static let nothing: @Sendable () async -> BodyPiece = { .end }

    /// D7: neither is there anything to verify, nor is it hidden from whoever stands in between.
    private func refuseCredentialsInClear() throws(SubmissionError) {
        let hasCredential = configuration.login != nil || means.hasCertificate
        guard hasCredential, configuration.ports.contains(where: { $0.security == .none }) else { return }
        throw .credentialsInClear
    }

    // MARK: Plan and memory

    private var means: SubmissionPlan.Means {
        SubmissionPlan.Means(
            hasCertificate: configuration.certificate != nil && configuration.certificatePolicy != .off,
            hasLogin: configuration.login != nil, policy: configuration.certificatePolicy,
            accountName: configuration.accountName,
            usesPasswordAfterRefusedCertificate: configuration.usesPasswordAfterRefusedCertificate)
    }

    private func plan() async -> SubmissionPlan? {
        var remembered: [Int: CertificateResult] = [:]
        if means.hasCertificate, means.policy == .automatic {
            for port in configuration.ports {
                guard let place = place(port) else { continue }
                remembered[port.number] = await configuration.memory.result(at: place)
            }
        }
        return SubmissionPlan(means, ports: ports.inOrder, remembered: remembered)
    }

    private func place(_ port: SubmissionPort) -> CertificatePlace? {
        configuration.certificate.map {
            CertificatePlace(host: configuration.host, port: port.number, publicKeyHash: $0.publicKeyHash)
        }
    }

    private func remember(_ conclusion: ClientErrand.Conclusion, _ plan: SubmissionPlan) async {
        guard let facts = conclusion.facts else { return }
        let isTaken = conclusion.acceptance != nil
        if isTaken { ports.prefer(plan.attempt.port) }
        guard plan.usesMemory, let place = place(plan.attempt.port) else { return }
        let failure = conclusion.failure ?? conclusion.decisiveFailure
        let known = await configuration.memory.result(at: place)
        // Of a message that was refused for its own sake nothing is learnt.
        guard isTaken || failure?.isCertificateRefusal(facts) == true else { return }
        let result = isTaken ? plan.result(of: facts.authentication) : nil
        guard result != known else { return }
        await configuration.memory.remember(result, at: place)
        if let result {
            logger.info(
                "certificate", metadata: ["host": "\(place.host)", "port": "\(place.port)", "result": "\(result)"])
        }
    }

    // MARK: Words

    private func log(_ receipt: SubmissionReceipt) {
        logger.debug(
            "submitted",
            metadata: ["reply": "\(receipt.reply.summary)", "authentication": "\(receipt.connection.authentication)"])
    }

    private func error(
        _ failure: ClientFailure, _ conclusion: ClientErrand.Conclusion, _ plan: SubmissionPlan,
        _ reports: [RecipientReport]
    ) -> SubmissionError {
        if Task.isCancelled, case .lost = failure.cause { return .cancelled(failure, reports, conclusion.facts) }
        if failure.isGivenUp { return Task.isCancelled ? .cancelled : .stopped }
        let attempt = conclusion.facts?.port.map { port in
            SubmissionPlan.Attempt(port: port, method: plan.attempt.method)
        }
        return SubmissionDiagnosis(
            failure: failure, facts: conclusion.facts, attempt: attempt ?? plan.attempt, host: configuration.host,
            externalRefusal: plan.externalRefusal, earlierPorts: plan.earlierPorts
        ).error(reports)
    }
}

extension SubmissionPort.Security {
    fileprivate var tls: ClientTLS {
        switch self {
        case .implicitTLS: .implicit
        case .startTLS: .verify
        case .none: .none
        }
    }
}
