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

    public init(_ spool: Spool, now: @escaping @Sendable () -> Timestamp, findAgent: @escaping FindAgent) {
        self.spool = spool
        self.now = now
        self.findAgent = findAgent
    }

    /// What was done, a line for each message, and the status to end with.
    public struct Report: Hashable, Sendable {
        public var lines: [String] = []
        public var sent = 0
        public var waiting = 0
        public var failed = 0

        public var status: SendStatus {
            if failed > 0 { return .unavailable }
            return waiting > 0 ? .temporaryFailure : .sent
        }
    }

    public func run(_ selection: SpoolSelection) async throws(FileFault) -> Report {
        try spool.removeLeftovers()
        var report = Report()
        // Where a server cannot be spoken to, each message would wait for it anew.
        var unreachable: [AccountSelection: String] = [:]
        for id in try spool.waiting() {
            guard var claim = try spool.claim(id), selection.matches(claim.message) else { continue }
            if let reason = unreachable[claim.message.selection] {
                report.waiting += 1
                report.lines.append("\(id): waits: \(reason)")
                continue
            }
            let outcome = try await send(&claim, &report)
            if outcome.isServerUnreachable, outcome.accepted.isEmpty {
                unreachable[claim.message.selection] = outcome.text
            }
        }
        return report
    }

    private func send(_ claim: inout SpoolClaim, _ report: inout Report) async throws(FileFault) -> SendOutcome {
        guard let envelope = claim.envelope else {
            // Everybody has it, and the process that knew so ended before it had put that in order.
            try claim.finish(reason: "", done: [], refused: [:])
            return SendOutcome(recipients: [], text: "")
        }
        let wasUnderWay = claim.notes.isUnderWay
        try claim.begin(at: now())
        let outcome = await outcome(claim, envelope)
        try settle(&claim, outcome, &report, wasUnderWay: wasUnderWay)
        return outcome
    }

    private func outcome(_ claim: SpoolClaim, _ envelope: Envelope) async -> SendOutcome {
        switch await findAgent(claim.message.selection) {
        case .success(let agent):
            return await agent.submit(
                claim.content, envelope, acceptsSomeRecipients: claim.message.acceptsSomeRecipients)
        case .failure(let fault):
            var outcome = SendOutcome(.deferred, fault.text, for: envelope)
            outcome.isServerUnreachable = true
            return outcome
        }
    }

    private func settle(
        _ claim: inout SpoolClaim, _ outcome: SendOutcome, _ report: inout Report, wasUnderWay: Bool
    ) throws(FileFault) {
        let id = claim.message.id
        // A login that is refused, or a configuration that is wrong, is no fault of the message.
        let isOurs = outcome.isServerUnreachable
        let refused = isOurs ? [:] : outcome.refused
        let waits = isOurs ? !outcome.recipients.isEmpty && outcome.accepted.isEmpty : !outcome.waiting.isEmpty
        let words = outcome.hint.isEmpty ? outcome.text : "\(outcome.text). \(outcome.hint)"
        if waits {
            try claim.wait(reason: outcome.text, done: outcome.accepted, refused: refused)
            report.waiting += 1
            let doubt = outcome.isUncertain ? " (the server may have it already: it may come twice)" : ""
            report.lines.append("\(id): waits: \(words)\(doubt)")
        } else {
            try claim.finish(reason: outcome.text, done: outcome.accepted, refused: refused)
            if claim.notes.refused.isEmpty {
                report.sent += 1
                let doubt = wasUnderWay ? " (an earlier try was cut off: it may have come twice)" : ""
                report.lines.append("\(id): sent: \(outcome.text)\(doubt)")
            } else {
                report.failed += 1
                report.lines.append("\(id): refused for good, and kept in \(spool.folder)/failed/\(id): \(words)")
            }
        }
    }
}

extension SpoolSelection {
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
