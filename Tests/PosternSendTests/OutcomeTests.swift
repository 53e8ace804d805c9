import PosternConnection
import PosternMail
import PosternSMTP
import Testing

@testable import PosternClient
@testable import PosternSend

/// What the client's results are to whoever reads an exit status.
@Suite struct OutcomeTests {
    private func envelope(_ recipients: [String]) throws -> Envelope {
        try #require(Envelope(reversePath: .null, recipients: recipients.map { Mailbox($0)! }))
    }

    private func outcome(
        _ reason: SubmissionError.Reason, _ retry: SubmissionError.Retry = .no, phase: ClientStep = .mail,
        reports: [RecipientReport] = [], partial: Bool = false
    ) throws -> SendOutcome {
        let error = SubmissionError(
            reason: reason, phase: phase, reply: nil, acceptance: .notAccepted, retry: retry, detail: "detail",
            hint: "hint", recipients: reports, transcript: [])
        let people = reports.isEmpty ? ["b@example.net"] : reports.map { "\($0.mailbox)" }
        return SendOutcome(error, for: try envelope(people), acceptsSomeRecipients: partial)
    }

    @Test(
        "The statuses of what must not be tried again",
        arguments: [
            (.passwordRefused, .notPermitted), (.certificateNotAccepted, .notPermitted),
            (.certificateRefused, .notPermitted), (.noCommonMechanism(offered: []), .notPermitted),
            (.portSpeaksTLSAtOnce, .configurationError), (.serverNameMismatch(names: []), .configurationError),
            (.tooLarge(limit: 1), .dataError), (.contentRefused, .dataError), (.eightBitNotOffered, .dataError),
            (.relayDenied, .unavailable), (.senderRefused, .unavailable), (.refused, .unavailable),
            (.contentUnreadable, .inputOutput),
        ] as [(SubmissionError.Reason, SendStatus)])
    func statuses(_ reason: SubmissionError.Reason, _ status: SendStatus) throws {
        #expect(try outcome(reason).status == status)
    }

    @Test("Everything that may be tried again is 75, whatever its reason")
    func temporary() throws {
        for reason in [SubmissionError.Reason.passwordRefused, .unreachable, .tlsFailed, .recipientsRefused] {
            #expect(try outcome(reason, .later(after: nil)).status == .temporaryFailure)
        }
        let doubtful = try outcome(.connectionLost, .unsafe, phase: .endOfData)
        #expect(doubtful.status == .temporaryFailure && doubtful.isUncertain)
    }

    private static let mixed = [
        RecipientReport(Mailbox("a@example.net")!, .notSent),
        RecipientReport(Mailbox("b@example.net")!, .refused(Reply(550, EnhancedCode(1, 1), "nobody"))),
        RecipientReport(Mailbox("c@example.net")!, .refused(Reply(452, EnhancedCode(2, 2), "full"))),
    ]

    @Test("One who never will get it is the end of it for everybody, unless those who can are to")
    func recipients() throws {
        let all = try outcome(.recipientsRefused, phase: .recipient, reports: Self.mixed)
        #expect(all.recipients.map(\.fate) == [.refused(.noUser), .refused(.noUser), .refused(.noUser)])
        let some = try outcome(.recipientsRefused, phase: .recipient, reports: Self.mixed, partial: true)
        #expect(some.recipients.map(\.fate) == [.deferred, .refused(.noUser), .deferred])
        #expect(some.status == .noUser)
    }
}
