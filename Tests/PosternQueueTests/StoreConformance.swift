import NIOCore
import PosternMail
import PosternQueue
import Testing

/// What every store must do. A store's tests call `check` with a way to make an empty one and a folder for its bodies.
struct StoreConformance {
    let store: any QueueStore
    let bodies: BodyFolder

    static func check(_ make: () throws -> StoreConformance) throws {
        for proof in proofs + operatorProofs { try proof(try make())() }
    }

    private static var proofs: [(StoreConformance) -> () throws -> Void] {
        [
            keepsWhatItWasGiven, countsOctets, claimsInOrderOfDue, claimsOnce, countsAttemptsBeforeTheyAreMade,
            claimsWithTheCommit,
            settlesEachRecipientAlone, settlesInParts, postponesUncounted, keepsWishes, warnsOnce, settlesWithReports,
            keepsFailedRecipients,
            dropsWithoutReport, fencesOldClaims,
            refusesDuplicates,
            undoesWhole, releasesClaims, bringsForward, keepsDamaged, readsBodies, takesAnyText,
        ]
    }

    /// Every field of message and recipients comes back as it went in.
    func keepsWhatItWasGiven() throws {
        let message = try NewMessage.sample(1, to: ["bob@example.net", #""a b"@[IPv6:2001:db8::1]"#], from: nil)
        try enqueue(message)
        let claim = try #require(try claim(at: .after(1)).first)
        #expect(claim.message.id == message.id)
        #expect(claim.message.reversePath == .null)
        #expect(claim.message.bodyType == .eightBit)
        #expect(claim.message.length == message.body.length)
        #expect(claim.message.received == .after(1))
        #expect(claim.message.account == "alice")
        #expect(claim.message.authentication == "AUTH EXTERNAL")
        #expect(claim.recipients.map(\.recipient) == message.envelope.recipients)
        #expect(claim.message.returnedContent == nil)
        #expect(claim.message.envelopeID == nil)
        #expect(claim.recipients.map(\.position) == [0, 1])
    }

    /// Of what is in the queue, and of nothing that an error undid.
    func countsOctets() throws {
        let (first, second) = (
            try NewMessage.sample(1), try NewMessage.sample(2, to: ["a@example.net", "b@example.net"])
        )
        for message in [first, second] { try enqueue(message) }
        let both = first.body.length + second.body.length
        #expect(store.octets == both)
        #expect(throws: QueueError.duplicate(first.id)) { try enqueue(first) }
        #expect(store.octets == both)
        let claims = try claim(at: .after(9))
        _ = try settle(try #require(claims.first), [.delivered])
        #expect(store.octets == second.body.length)
        let last = try #require(claims.last)
        _ = try settle(last.part([0]), [.delivered])
        #expect(store.octets == second.body.length)
        _ = try settle(last.part([1]), [.dropped])
        #expect(store.octets == 0)
    }

    func claimsInOrderOfDue() throws {
        for number in [3, 1, 2] { try enqueue(try .sample(number)) }
        #expect(try claim(at: .after(0)).isEmpty)
        #expect(try claim(at: .after(2), limit: 1).map(\.message.id) == [.sample(1)])
        let batch = try store.transaction { try $0.claimDue(at: .after(2), limit: 9) }
        #expect(batch.claims.map(\.message.id) == [.sample(2)])
        #expect(batch.nextDue == .after(3))
        #expect(try store.transaction { try $0.claimDue(at: .after(3), limit: 9) }.nextDue == nil)
    }

    func claimsOnce() throws {
        try enqueue(try .sample(1))
        #expect(try claim(at: .after(9)).count == 1)
        #expect(try claim(at: .after(9)).isEmpty)
        #expect(try store.counts() == QueueCounts(messages: 1, claimed: 1))
    }

    func countsAttemptsBeforeTheyAreMade() throws {
        try enqueue(try .sample(1))
        for attempt in 1...3 {
            let claim = try #require(try claim(at: .after(9)).first)
            #expect(claim.recipients.map(\.attempt) == [attempt])
            // The process dies here: no settlement.
            try releaseClaims()
        }
    }

    func claimsWithTheCommit() throws {
        let message = try NewMessage.sample(1, to: ["bob@example.net", "eve@example.net"])
        let claim = try #require(try store.transaction { try $0.enqueue(message, claiming: true) })
        #expect(claim.message == message.queued)
        #expect(claim.recipients.map(\.attempt) == [1, 1])
        #expect(try self.claim(at: .after(9)).isEmpty)
        #expect(try settle(claim, [.delivered, .delivered]) == .emptied(bodyIsFiled: false))
        #expect(try store.counts() == QueueCounts())
    }

    func settlesEachRecipientAlone() throws {
        try enqueue(try .sample(1, to: ["a@example.net", "b@example.net", "c@example.net"]))
        let first = try #require(try claim(at: .after(1)).first)
        let outcomes: [Settlement.Outcome] = [
            .deferred(until: .after(60), reason: "4.2.0 later"), .delivered,
            .deferred(until: .after(90), reason: "4.2.0"),
        ]
        #expect(try settle(first, outcomes) == .remains)
        #expect(try claim(at: .after(59)).isEmpty)
        let second = try #require(try claim(at: .after(60)).first)
        #expect(second.recipients.map(\.mailbox.localPart) == ["a"])
        #expect(second.recipients.map(\.attempt) == [2])
        let third = try #require(try claim(at: .after(90)).first)
        #expect(third.recipients.map(\.position) == [2])
        #expect(try settle(second, [.delivered]) == .remains)
        #expect(try settle(third, [.delivered]) == .emptied(bodyIsFiled: false))
        #expect(try store.counts() == QueueCounts())
    }

    /// A slow next hop keeps nobody else's recipients: each part of a claim ends on its own, once.
    func settlesInParts() throws {
        let recipients = ["a@example.net", "b@example.com", "c@example.net", "d@example.edu"]
        try enqueue(try .sample(1, to: recipients))
        let whole = try #require(try claim(at: .after(1)).first)
        let (net, com, edu) = (whole.part([0, 2]), whole.part([1]), whole.part([3]))
        #expect(net.recipients.map(\.mailbox.localPart) == ["a", "c"])
        #expect(try settle(net, [.delivered, .deferred(until: .after(60), reason: "4.2.0 later")]) == .remains)
        #expect(try store.counts() == QueueCounts(messages: 1, waiting: 1, claimed: 2))
        #expect(throws: QueueError.claimLost(.sample(1))) { try settle(net, [.delivered, .delivered]) }
        #expect(throws: QueueError.claimLost(.sample(1))) {
            try settle(whole, whole.recipients.map { _ in .delivered })
        }
        #expect(try store.body(of: com).octets().readableBytes == whole.message.length)
        let report = try NewMessage.sample(2, to: ["alice@example.org"], from: nil)
        #expect(try settle(com, [.failed(reason: "5.1.1 no such mailbox")], [report]) == .remains)
        let again = try #require(try claim(at: .after(60)).last)
        #expect(again.recipients.map(\.mailbox.localPart) == ["c"])
        #expect(try settle(edu, [.delivered]) == .remains)
        #expect(try settle(again, [.delivered]) == .emptied(bodyIsFiled: false))
    }

    func postponesUncounted() throws {
        try enqueue(try .sample(1, to: ["a@example.net", "b@example.net"]))
        let first = try #require(try claim(at: .after(1)).first)
        #expect(try settle(first.part([0]), [.postponed(until: .after(5), reason: "suspended")]) == .remains)
        #expect(try settle(first.part([1]), [.deferred(until: .after(5), reason: "4.2.0 later")]) == .remains)
        #expect(throws: QueueError.claimLost(.sample(1))) { try settle(first.part([0]), [.delivered]) }
        #expect(try claim(at: .after(4)).isEmpty)
        let second = try #require(try claim(at: .after(5)).first)
        #expect(second.recipients.map(\.attempt) == [1, 2])
        #expect(try settle(second, [.delivered, .delivered]) == .emptied(bodyIsFiled: false))
    }

    /// What a sender wants to hear (RFC 3461) comes back as it went in, from the commit and from a later claim.
    func keepsWishes() throws {
        let sample = try NewMessage.sample(1)
        let mailboxes = ["a@example.net", "b@example.net", "c@example.net"].compactMap { Mailbox($0) }
        let wishes = [Notify.never, Notify("FAILURE,DELAY".utf8), nil]
        let original = try #require(OriginalRecipient(parameter: "rfc822;o'neil+2B+20--@example.net".utf8))
        let recipients = zip(mailboxes, wishes).map { Recipient($0, notify: $1, originalRecipient: original) }
        let envelope = try #require(
            Envelope(
                reversePath: sample.envelope.reversePath, recipients: recipients, returnedContent: .whole,
                id: EnvelopeID(xtext: "QQ+20314159".utf8)))
        let message = NewMessage(
            id: sample.id, envelope: envelope, body: sample.body, received: sample.received, account: "alice",
            authentication: "")
        let first = try #require(try store.transaction { try $0.enqueue(message, claiming: true) })
        #expect(first.recipients.map(\.recipient) == recipients)
        try releaseClaims()
        let second = try #require(try claim(at: .after(1)).first)
        #expect(second.recipients.map(\.recipient) == recipients)
        #expect(second.message == message.queued)
        #expect(second.message.envelopeID?.text == "QQ 314159")
    }

    /// SUB-202: that the sender knows of a delay stays with the recipient, over deferrals and a restart.
    func warnsOnce() throws {
        try enqueue(try .sample(1, to: ["a@example.net", "b@example.net"]))
        let first = try #require(try claim(at: .after(1)).first)
        #expect(first.recipients.map(\.isWarned) == [false, false])
        let report = try NewMessage.sample(2, to: ["alice@example.org"], from: nil)
        let outcomes: [Settlement.Outcome] = [
            .warned(until: .after(9), reason: "later"), .deferred(until: .after(9), reason: "later"),
        ]
        #expect(try settle(first, outcomes, [report]) == .remains)
        for _ in 1...2 {
            let next = try #require(try claim(at: .after(9)).first { $0.message.id == .sample(1) })
            #expect(next.recipients.map(\.isWarned) == [true, false])
            try settle(next, next.recipients.map { _ in .deferred(until: .after(9), reason: "later") })
            try releaseClaims()
        }
    }

    func settlesWithReports() throws {
        try enqueue(try .sample(1))
        let claim = try #require(try claim(at: .after(1)).first)
        let reports = try (2...3).map { try NewMessage.sample($0, to: ["alice@example.org"], from: nil) }
        #expect(try settle(claim, [.failed(reason: "5.1.1 no such mailbox")], reports) == .emptied(bodyIsFiled: false))
        #expect(try self.claim(at: .after(3)).map(\.message.id) == reports.map(\.id))
    }

    /// A message that nobody was told about does not vanish.
    func keepsFailedRecipients() throws {
        try enqueue(try .sample(1))
        let claim = try #require(try claim(at: .after(1)).first)
        #expect(try settle(claim, [.failed(reason: "5.1.1 no such mailbox")]) == .remains)
        #expect(try store.counts() == QueueCounts(messages: 1, failed: 1))
        #expect(try self.claim(at: .after(9_999)).isEmpty)
    }

    func dropsWithoutReport() throws {
        try enqueue(try .sample(1, from: nil))
        let claim = try #require(try claim(at: .after(1)).first)
        #expect(try settle(claim, [.dropped]) == .emptied(bodyIsFiled: false))
        #expect(try store.counts() == QueueCounts())
    }

    func fencesOldClaims() throws {
        try enqueue(try .sample(1))
        let old = try #require(try claim(at: .after(1)).first)
        try releaseClaims()
        #expect(throws: QueueError.claimLost(.sample(1))) { try settle(old, [.delivered]) }
        let new = try #require(try claim(at: .after(1)).first)
        #expect(throws: QueueError.claimLost(.sample(1))) { try settle(old, [.delivered]) }
        #expect(throws: QueueError.outcomesMissing(.sample(1), expected: 1, found: 0)) { try settle(new, []) }
        try settle(new, [.delivered])
        #expect(throws: QueueError.claimLost(.sample(1))) { try settle(new, [.delivered]) }
    }

    func refusesDuplicates() throws {
        try enqueue(try .sample(1))
        #expect(throws: QueueError.duplicate(.sample(1))) { try enqueue(try .sample(1)) }
        #expect(try store.counts() == QueueCounts(messages: 1, waiting: 1))
    }

    func undoesWhole() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try store.transaction { transaction in
                _ = try transaction.enqueue(try .sample(1), claiming: true)
                throw Stop()
            }
        }
        #expect(try store.counts() == QueueCounts())
    }

    func releasesClaims() throws {
        for number in 1...3 { try enqueue(try .sample(number)) }
        #expect(try claim(at: .after(2)).count == 2)
        #expect(try releaseClaims() == ReleasedClaims(recipients: 2))
        #expect(try claim(at: .after(9)).count == 3)
    }

    /// A clock that was ahead holds nothing up (F8).
    func bringsForward() throws {
        for number in [1, 5, 900] { try enqueue(try .sample(number)) }
        try store.transaction { try $0.bringForward(to: .after(60)) }
        #expect(try claim(at: .after(4)).map(\.message.id) == [.sample(1)])
        #expect(try claim(at: .after(59)).map(\.message.id) == [.sample(5)])
        #expect(try claim(at: .after(60)).map(\.message.id) == [.sample(900)])
    }

    func keepsDamaged() throws {
        try enqueue(try .sample(1))
        let damage = Damage.bodyMissing(path: "/gone")
        try store.transaction { try $0.mark(.sample(1), damage: damage) }
        #expect(try claim(at: .after(9)).isEmpty)
        #expect(try store.damagedMessages().map(\.damage) == [damage.description])
        #expect(try store.counts() == QueueCounts(messages: 1, damaged: 1))
        try store.transaction { try $0.mark(.sample(1), damage: nil) }
        #expect(try store.damagedMessages().isEmpty)
        #expect(try claim(at: .after(9)).count == 1)
    }

    func readsBodies() throws {
        let large = largeOctets()
        let all: [MessageBody] = [
            .inline(ByteBuffer()), .inline(ByteBuffer(bytes: Array(0...255))), try bodies.body(large, for: .sample(2)),
        ]
        for (number, body) in all.enumerated() { try enqueue(try .sample(number, body: body)) }
        let read = try claim(at: .after(9)).map { try store.body(of: $0).octets() }
        #expect(read == [ByteBuffer(), ByteBuffer(bytes: Array(0...255)), large])
        #expect(
            try store.filedBodies() == [
                FiledBody(id: .sample(2), length: large.readableBytes, isDamaged: false)
            ])
    }

    /// Text is a value, never part of a statement.
    func takesAnyText() throws {
        let text = #"'); DROP TABLE message; -- "é"#
        let sample = try NewMessage.sample(1, to: ["o'neil`--@example.net"])
        try enqueue(
            NewMessage(
                id: sample.id, envelope: sample.envelope, body: sample.body, received: sample.received, account: text,
                authentication: text))
        let claim = try #require(try claim(at: .after(1)).first)
        #expect(claim.message.account == text)
        #expect(claim.message.authentication == text)
        #expect(claim.recipients.map(\.recipient) == sample.envelope.recipients)
    }
}

extension StoreConformance {
    @discardableResult
    func releaseClaims(at now: Timestamp = .after(0)) throws -> ReleasedClaims {
        try store.transaction { try $0.releaseClaims(at: now, holdingAfter: 5, reason: "five ends") }
    }

    func enqueue(_ message: NewMessage) throws {
        _ = try store.transaction { try $0.enqueue(message, claiming: false) }
    }

    func claim(at now: Timestamp, limit: Int = 10) throws -> [Claim] {
        try store.transaction { try $0.claimDue(at: now, limit: limit) }.claims
    }

    @discardableResult
    func settle(
        _ claim: Claim, _ outcomes: [Settlement.Outcome], _ reports: [NewMessage] = []
    ) throws -> SettlementResult {
        try store.transaction { try $0.settle(Settlement(claim: claim, outcomes: outcomes, enqueuing: reports)) }
    }
}
