import NIOCore
import PosternMail
import PosternQueue

/// Writes what a sender is told of one attempt.
struct Reporter: Sendable {
    let hostname: Domain
    let schedule: RetrySchedule

    /// What an attempt comes to.
    struct Conclusion {
        /// In the order of the claim's recipients.
        let outcomes: [DeliveryEvent.Outcome]
        /// For the queue, with the null reverse-path; in memory, so that a settlement that finds the disk full can be
        /// tried again with them.
        let reports: [NewMessage]
        /// Of each of them.
        let kinds: [ReportKind]
    }

    /// The moments that matter to it.
    struct Moments {
        /// By which what is due is measured.
        let now: Timestamp
        /// For dates that people read.
        let wall: Timestamp
        /// Of the message.
        let age: Duration
    }

    /// - Parameter outcomes: one for each of the claim's recipients.
    func conclude(
        _ claim: Claim, _ outcomes: [RouteOutcome], at moments: Moments, body: DeliveryBody
    ) async -> Conclusion {
        let judged = outcomes.map { schedule.judge($0, at: moments.age) }
        let entries = entries(of: claim, judged, at: moments)
        let drafts = await drafts(of: entries, about: claim.message, at: moments.wall, body)
        var reports: [Int: QueueID] = [:]
        for draft in drafts { for index in draft.indices { reports[index] = draft.id } }
        return Conclusion(
            outcomes: results(of: claim, judged, at: moments, reports),
            reports: drafts.compactMap { message($0, entries, about: claim.message, at: moments.wall) },
            kinds: drafts.map { ReportKind($0.indices.compactMap { entries[$0]?.action }) })
    }

    /// The same where nobody is to be told anything; nil where somebody is.
    func concludeSilently(_ claim: Claim, _ outcomes: [RouteOutcome], at moments: Moments) -> Conclusion? {
        let judged = outcomes.map { schedule.judge($0, at: moments.age) }
        guard entries(of: claim, judged, at: moments).allSatisfy({ $0 == nil }) else { return nil }
        return Conclusion(outcomes: results(of: claim, judged, at: moments, [:]), reports: [], kinds: [])
    }

    /// What the sender is told of each recipient, if anything.
    private func entries(
        of claim: Claim, _ judged: [RouteOutcome], at moments: Moments
    ) -> [DeliveryReport.Entry?] {
        zip(claim.recipients, judged).map { recipient, outcome in
            ReportRules.entry(
                for: recipient, of: claim.message, outcome, isLate: schedule.isLate(at: moments.age),
                triedUntil: claim.message.received + schedule.lifetime)
        }
    }

    private func results(
        of claim: Claim, _ judged: [RouteOutcome], at moments: Moments, _ reports: [Int: QueueID]
    ) -> [DeliveryEvent.Outcome] {
        zip(claim.recipients, judged).enumerated().map { index, pair in
            DeliveryEvent.Outcome(
                pair.1, retryAt: due(pair.0, of: claim.message, after: pair.1, at: moments), report: reports[index])
        }
    }

    /// When a recipient is looked at again: when the next attempt is due, or before that when the sender is to hear of the
    /// delay, or the message has had its time.
    private func due(
        _ recipient: ClaimedRecipient, of message: QueuedMessage, after outcome: RouteOutcome, at moments: Moments
    ) -> Timestamp {
        let pause =
            if case .postponed(_, let pause) = outcome { pause } else {
                schedule.delay(afterAttempt: recipient.attempt)
            }
        return due(recipient, of: message, after: pause, at: moments)
    }

    /// Not sooner than after a second for the sake of these, since the clocks may not agree to the moment.
    func due(
        _ recipient: ClaimedRecipient, of message: QueuedMessage, after pause: Duration, at moments: Moments
    ) -> Timestamp {
        let isToBeWarned = ReportRules.isToBeWarned(recipient, of: message)
        return moments.now
            + min(pause, max(schedule.timeLeft(at: moments.age, isToBeWarned: isToBeWarned), .seconds(1)))
    }

    /// Whether a sender is to hear of recipients although nothing was tried.
    func isDue(_ claim: Claim, at age: Duration) -> Bool {
        age >= schedule.lifetime
            || schedule.isLate(at: age)
                && claim.recipients.contains { ReportRules.isToBeWarned($0, of: claim.message) }
    }

    // MARK: Reports

    /// A report to be.
    private struct Draft {
        let id: QueueID
        /// The recipients that it is about, as places in the claim.
        var indices: [Int] = []
        let returned: ReturnedPart
        var length = 0
    }

    /// Room for what every report holds beside its recipients and what it brings back.
    private static let frame = 4 * 1024

    /// Spreads the recipients over as few reports as the size of each allows: a report stands in a row of the queue. What
    /// failed comes first, since only a report of a failure brings back a whole message (RFC 3461 §4.3).
    private func drafts(
        of entries: [DeliveryReport.Entry?], about message: QueuedMessage, at date: Timestamp, _ body: DeliveryBody
    ) async -> [Draft] {
        let told = entries.enumerated().compactMap { index, entry in entry.map { (index, $0) } }
        guard !told.isEmpty else { return [] }
        let failed = told.filter { $0.1.action == .failed }
        let others = told.filter { $0.1.action != .failed }
        let isWhole = message.returnedContent == .whole && !failed.isEmpty
        let content = await BlockingWork.run { ReportedContent.read(body, isWhole: isWhole) }
        var drafts: [Draft] = []
        for (index, entry) in failed + others {
            let length = entry.length
            let returned = entry.action == .failed ? content.ofFailure : content.header
            if drafts.isEmpty
                || drafts[drafts.count - 1].length + length > MessageBody.inlineLimit - Self.frame
            {
                let id = QueueID(time: date, random: .random(in: .min ... .max))
                drafts.append(Draft(id: id, returned: returned, length: returned.length))
            }
            drafts[drafts.count - 1].indices.append(index)
            drafts[drafts.count - 1].length += length
        }
        return drafts
    }

    private func message(
        _ draft: Draft, _ entries: [DeliveryReport.Entry?], about message: QueuedMessage, at date: Timestamp
    ) -> NewMessage? {
        // SUB-203: NOTIFY=NEVER, the null reverse-path and no RET, so that it causes nothing further.
        guard case .mailbox(let sender) = message.reversePath,
            let envelope = Envelope(reversePath: .null, recipients: [Recipient(sender, notify: .never)])
        else { return nil }
        let report = DeliveryReport(
            id: draft.id, from: hostname, to: sender, at: date,
            about: DeliveryReport.Subject(
                id: message.id, received: message.received, envelopeID: message.envelopeID),
            entries: draft.indices.compactMap { entries[$0] }, returning: draft.returned)
        return NewMessage(
            id: draft.id, envelope: envelope, body: .inline(ByteBuffer(bytes: report.octets)), received: date,
            account: "MAILER-DAEMON", authentication: "")
    }
}

extension ReportKind {
    fileprivate init(_ actions: [DeliveryReport.Action]) {
        let kinds = actions.map { action -> ReportKind in
            switch action {
            case .failed: .failure
            case .delayed: .delay
            case .delivered, .relayed: .success
            }
        }
        self = kinds.contains(.failure) ? .failure : kinds.contains(.delay) ? .delay : .success
    }
}
