public import PosternMail

/// Sends a message or keeps it, as the policy has it.
public struct Courier: Sendable {
    private let policy: QueuePolicy
    private let spoolFolder: String
    private let agent: any SubmissionAgent

    public init(_ policy: QueuePolicy, spool folder: String, agent: any SubmissionAgent) {
        self.policy = policy
        spoolFolder = folder
        self.agent = agent
    }

    /// - Parameters:
    ///   - id: for the spool.
    ///   - selection: how the account is found again.
    public func deliver(
        _ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool, id: QueueID,
        selection: AccountSelection, at now: Timestamp
    ) async -> SendReport {
        let message = SpooledMessage(
            id: id, arrived: now, selection: selection, envelope: envelope,
            acceptsSomeRecipients: acceptsSomeRecipients, content: content)
        if policy == .always {
            do throws(FileFault) {
                try Spool(at: spoolFolder).keep(message, content)
                return SendReport(outcome: nil, kept: id, status: .sent)
            } catch {
                return SendReport(outcome: nil, status: error.status, note: "it cannot be kept: \(error)")
            }
        }
        let outcome = await agent.submitInParts(content, envelope, acceptsSomeRecipients: acceptsSomeRecipients)
        guard policy == .auto, !outcome.whileItWaits.waiting.isEmpty else {
            return SendReport(outcome: outcome, status: outcome.status)
        }
        return keep(message, content, outcome)
    }

    /// What could not be sent now, for those who have not got it.
    private func keep(_ message: SpooledMessage, _ content: StagedContent, _ tried: SendOutcome) -> SendReport {
        var message = message
        let outcome = tried.whileItWaits
        let waiting = Set(outcome.waiting)
        let envelope = message.envelope
        message.envelope =
            envelope.narrowed(to: envelope.recipients.filter { waiting.contains($0.mailbox) }) ?? envelope
        do throws(FileFault) {
            let spool = try Spool(at: spoolFolder)
            try spool.keep(message, content)
            var notes = SpoolNotes()
            (notes.tries, notes.lastTry, notes.reason) = (1, message.arrived, outcome.text)
            // It is kept whether or not this can be written.
            try? spool.write(notes, of: message.id)
            return SendReport(
                outcome: outcome, kept: message.id, status: outcome.refused.isEmpty ? .sent : outcome.status)
        } catch {
            return SendReport(outcome: tried, status: tried.status, note: "it cannot be kept: \(error)")
        }
    }
}

/// How it ended, for whoever called.
public struct SendReport: Hashable, Sendable {
    /// Nil where nothing was tried.
    public let outcome: SendOutcome?
    /// Under which id the spool has it, or the part of it that is still to be sent.
    public var kept: QueueID?
    public let status: SendStatus
    /// What went wrong besides.
    public var note: String?

    public init(outcome: SendOutcome?, kept: QueueID? = nil, status: SendStatus, note: String? = nil) {
        self.outcome = outcome
        self.kept = kept
        self.status = status
        self.note = note
    }

    /// What a person is told; nothing where everything is as it should be.
    public var lines: [String] {
        var lines: [String] = []
        if let outcome, outcome.status != .sent {
            lines.append(outcome.text)
            for one in outcome.recipients where one.text != outcome.text {
                if one.fate != .accepted { lines.append("\(one.mailbox): \(one.text)") }
            }
            if !outcome.hint.isEmpty { lines.append(outcome.hint) }
        }
        if let kept {
            lines.append("kept in the spool as \(kept); it goes with the next sendmail -q")
        }
        if outcome?.isUncertain == true {
            lines.append("the server may have it already: another try may bring it twice")
        }
        if let note { lines.append(note) }
        return lines.map { SafeText.escape($0, limit: 2_000) }
    }
}
