public import PosternMail

/// Sends what waits in the spool, one message after the other.
public struct SpoolFlush: Sendable {
    /// Finds who sends for an account; the words say why there is nobody.
    public typealias FindAgent = @Sendable (AccountSelection) async -> Result<any SubmissionAgent, AgentFault>

    /// Why there is nobody who could send.
    public struct AgentFault: Error, Hashable, Sendable {
        public let text: String

        public init(_ text: String) {
            self.text = text
        }
    }

    private let spool: Spool
    private let findAgent: FindAgent
    private let now: @Sendable () -> Timestamp
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: takes a line for a person as soon as there is one: whoever ends this process does not end what
    ///   was said.
    public init(
        _ spool: Spool, now: @escaping @Sendable () -> Timestamp, tell: @escaping @Sendable (String) -> Void,
        findAgent: @escaping FindAgent
    ) {
        self.spool = spool
        self.now = now
        self.tell = tell
        self.findAgent = findAgent
    }

    /// What was done, and the status to end with.
    public struct Report: Hashable, Sendable {
        public var sent = 0
        public var waiting = 0
        public var failed = 0
        /// Of those that wait, who has done so for longer than mail should.
        public var overdue = 0
        /// What the spool's own files have spoilt.
        public var damaged = 0

        public var status: SendStatus {
            if damaged > 0 { return .inputOutput }
            if failed > 0 || overdue > 0 { return .unavailable }
            return waiting > 0 ? .temporaryFailure : .sent
        }
    }

    /// Where a server cannot be spoken to, each message would wait for it anew.
    private typealias Unreachable = [AccountSelection: String]

    public func run(_ selection: SpoolSelection) async throws(FileFault) -> Report {
        try spool.removeLeftovers()
        var report = Report()
        var unreachable: Unreachable = [:]
        for name in try spool.waiting() {
            switch spool.claim(name) {
            case .gone: continue
            case .busy(let message):
                guard message.map(selection.matches) ?? (selection == .all) else { continue }
                report.waiting += 1
                tell("\(name): another process has it")
            case .damaged(let reason):
                guard selection.matches(damaged: name) else { continue }
                report.damaged += 1
                tell("\(name): damaged, and left in \(spool.folder)/queue: \(reason)")
            case .taken(let claim):
                guard selection.matches(claim.message) else { continue }
                await attempt(claim, &report, &unreachable)
            }
        }
        return report
    }

    /// What befalls one message's files keeps no other one from being sent.
    private func attempt(_ claim: SpoolClaim, _ report: inout Report, _ unreachable: inout Unreachable) async {
        let selection = claim.message.selection
        if let reason = unreachable[selection] {
            wait(claim.message, reason, &report)
            return
        }
        var claim = claim
        do throws(FileFault) {
            let outcome = try await send(&claim, &report)
            if outcome.isNoFaultOfMessage, outcome.accepted.isEmpty { unreachable[selection] = outcome.text }
        } catch {
            report.damaged += 1
            tell("\(claim.message.id): \(error)")
        }
    }

    private func send(_ claim: inout SpoolClaim, _ report: inout Report) async throws(FileFault) -> SendOutcome {
        guard let envelope = claim.envelope else {
            // Everybody has it, and the process that knew so ended before it had put that in order.
            try claim.finish(reason: "", done: [], refused: [:])
            return SendOutcome(recipients: [], text: "")
        }
        if claim.notes.isUnderWay {
            tell("\(claim.message.id): an earlier try was cut off, so it may come twice")
        }
        try claim.begin(at: now())
        let outcome = await outcome(claim, envelope).whileItWaits
        try settle(&claim, outcome, &report)
        return outcome
    }

    private func outcome(_ claim: SpoolClaim, _ envelope: Envelope) async -> SendOutcome {
        switch await findAgent(claim.message.selection) {
        case .success(let agent):
            return await agent.submitInParts(
                claim.content, envelope, acceptsSomeRecipients: claim.message.acceptsSomeRecipients)
        case .failure(let fault):
            var outcome = SendOutcome(.deferred, fault.text, for: envelope)
            outcome.isNoFaultOfMessage = true
            return outcome
        }
    }

    private func settle(
        _ claim: inout SpoolClaim, _ outcome: SendOutcome, _ report: inout Report
    ) throws(FileFault) {
        let id = claim.message.id
        let words = outcome.hint.isEmpty ? outcome.text : "\(outcome.text). \(outcome.hint)"
        if !outcome.waiting.isEmpty {
            try claim.wait(reason: outcome.text, done: outcome.accepted, refused: outcome.refused)
            let doubt = outcome.isUncertain ? " (the server may have it already, so it may come twice)" : ""
            wait(claim.message, "\(words)\(doubt)", &report)
        } else {
            try claim.finish(reason: outcome.text, done: outcome.accepted, refused: outcome.refused)
            if claim.notes.refused.isEmpty {
                report.sent += 1
                tell("\(id): sent: \(outcome.text)")
            } else {
                report.failed += 1
                tell("\(id): refused for good, and kept in \(spool.folder)/failed/\(id): \(words)")
            }
        }
    }

    /// Nothing is thrown away however long it waits, but after five days (RFC 5321 §4.5.4.1) the status says so too: a
    /// line alone is what nobody reads.
    private func wait(_ message: SpooledMessage, _ words: String, _ report: inout Report) {
        report.waiting += 1
        let days = (now().seconds - message.arrived.seconds) / 86_400
        guard days >= 5 else { return tell("\(message.id): waits: \(words)") }
        report.overdue += 1
        tell(
            "\(message.id): has waited for \(days) days: \(words). Mend it, or remove "
                + "\(spool.folder)/queue/\(message.id)")
    }
}

extension SpoolSelection {
    /// Of what is damaged nothing but its name is known.
    func matches(damaged name: String) -> Bool {
        self == .all || id?.asciiLowercased == name.asciiLowercased
    }

    func matches(_ message: SpooledMessage) -> Bool {
        if let id, id.asciiLowercased != "\(message.id)".asciiLowercased { return false }
        if let sender, !"\(message.envelope.reversePath)".asciiLowercased.contains(sender.asciiLowercased) {
            return false
        }
        guard let recipient else { return true }
        return message.envelope.recipients.contains {
            "\($0.mailbox)".asciiLowercased.contains(recipient.asciiLowercased)
        }
    }
}
