import PosternMail
import Synchronization

@testable import PosternSend

/// A server that does what it is told, and remembers what it got.
final class ScriptedAgent: SubmissionAgent {
    struct Submission: Hashable {
        var recipients: [String]
        var content: String
    }

    private let script: @Sendable (Envelope) -> SendOutcome
    private let taken = Mutex<[Submission]>([])

    init(_ script: @escaping @Sendable (Envelope) -> SendOutcome) {
        self.script = script
    }

    /// The same for everybody.
    convenience init(_ fate: SendOutcome.Fate, _ text: String = "said so", isNoFaultOfMessage: Bool = false) {
        self.init { envelope in
            var outcome = SendOutcome(fate, text, for: envelope)
            outcome.isNoFaultOfMessage = isNoFaultOfMessage
            return outcome
        }
    }

    var submissions: [Submission] { taken.withLock { $0 } }

    func submit(
        _ content: StagedContent, _ envelope: Envelope, acceptsSomeRecipients: Bool
    ) async -> SendOutcome {
        var octets: [UInt8] = []
        do {
            for try await piece in StagedContent.Pieces(content: content) { octets += piece.readableBytesView }
        } catch {
            return SendOutcome(.refused(.inputOutput), "\(error)", for: envelope)
        }
        let submission = Submission(
            recipients: envelope.recipients.map { "\($0.mailbox)" }, content: String(decoding: octets, as: UTF8.self))
        taken.withLock { $0.append(submission) }
        return script(envelope)
    }

    func close() async {}
}
