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

    @Test(
        "What is no fault of the message is known by its reason, whichever answer showed it",
        arguments: [
            (.certificateNotAccepted, .recipient, true), (.certificateNotAccepted, .mail, true),
            (.passwordWanted, .mail, true), (.relayDenied, .recipient, true), (.refused, .greeting, true),
            (.certificateRefused, .ehlo, true), (.portSpeaksTLSAtOnce, .greeting, true), (.senderRefused, .mail, false),
            (.recipientsRefused, .recipient, false), (.contentRefused, .endOfData, false),
            (.tooLarge(limit: 1), .mail, false),
        ] as [(SubmissionError.Reason, ClientStep, Bool)])
    func faults(_ reason: SubmissionError.Reason, _ step: ClientStep, _ isNoFault: Bool) throws {
        #expect(try outcome(reason, phase: step).isNoFaultOfMessage == isNoFault)
    }

    @Test("A certificate that is not accepted ends with 77, whether MAIL or RCPT was refused for it")
    func certificateAtRecipient() throws {
        let reports = [
            RecipientReport(Mailbox("b@example.net")!, .refused(Reply(554, EnhancedCode(7, 1), "who are you")))
        ]
        for step in [ClientStep.mail, .recipient] {
            #expect(try outcome(.certificateNotAccepted, phase: step, reports: reports).status == .notPermitted)
        }
    }

    @Test("How many recipients are taken at a time: by the code of RFC 3463, or by the words of who gives none")
    func recipientsAtATime() throws {
        func size(_ refusal: Reply) throws -> Int? {
            try outcome(
                .recipientsRefused, .later(after: nil), phase: .recipient,
                reports: [
                    RecipientReport(Mailbox("a@example.net")!, .notSent),
                    RecipientReport(Mailbox("b@example.net")!, .refused(refusal)),
                ]
            ).recipientsAtATime
        }
        #expect(try size(Reply(452, EnhancedCode(5, 3), "x")) == 1)
        #expect(try size(Reply(452, "Too many recipients")) == 1)
        #expect(try size(Reply(452, EnhancedCode(2, 2), "too many recipients")) == nil)
        #expect(try size(Reply(452, "no space")) == nil)
        #expect(try outcome(.tooManyRecipients(limit: 50)).recipientsAtATime == 50)
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
