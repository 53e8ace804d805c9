import NIOCore
import PosternMail
import PosternQueue
import Testing

/// What every store must do for an operator.
extension StoreConformance {
    static var operatorProofs: [(StoreConformance) -> () throws -> Void] {
        [
            listsInOrder, listsByEachCondition, listsByEveryState, listsPageByPage, listsALimitOfRecipients,
            retries, holdsAndReleases, removes, removesSomeRecipients, neverTouchesAClaim, changesStepByStep,
            saysWhatIsUnknown, takesAnyTextInFilters, holdsWhatEndedTheProcess, triesSuspectsOneByOne,
            triesTheLastSuspectsAlone,
            forgetsEndsAfterAnOutcome, probes,
        ]
    }

    func listsInOrder() throws {
        for number in 1...3 { try enqueue(try .sample(number)) }
        let entries = try list()
        #expect(entries.map(\.id) == [.sample(1), .sample(2), .sample(3)])
        let first = try #require(entries.first)
        #expect(first.sender == "alice@example.org")
        #expect(first.account == "alice")
        #expect(first.received == .after(1))
        #expect(first.length == (try NewMessage.sample(1)).body.length)
        #expect(
            first.recipients == [
                QueuedRecipient(
                    mailbox: "bob@example.net", state: .waiting, attempts: 0, due: .after(1), reason: nil, hold: nil)
            ])
        #expect(try store.oldest() == .after(1))
    }

    func listsByEachCondition() throws {
        try enqueue(try .sample(1, to: ["bob@example.net", "eve@example.com"]))
        try enqueue(try .sample(2, to: ["Bob@EXAMPLE.net"], from: nil))
        try enqueue(try .sample(3, to: [#""@example.com"@example.net"#], from: "carol@example.org"))
        #expect(try ids { $0.sender = .mailbox(try address("ALICE@example.org")) } == [1])
        #expect(try ids { $0.sender = .null } == [2])
        #expect(try ids { $0.recipient = try address("bob@example.NET") } == [1, 2])
        #expect(try ids { $0.destination = try address("x@Example.Com").host } == [1])
        #expect(try ids { $0.destination = try address("x@ample.net").host } == [])
        #expect(try ids { $0.receivedBefore = .after(2) } == [1])
        #expect(try ids { $0.receivedAfter = .after(1) } == [2, 3])
        #expect(try ids { $0.ids = [.sample(3), .sample(1), .sample(3)] } == [1, 3])
        #expect(
            try ids {
                $0.receivedAfter = .after(1)
                $0.sender = .null
            } == [2])
        // Of the first only the recipient that the condition names.
        let eve = try list { $0.destination = try address("x@example.com").host }
        #expect(eve.first?.recipients.map(\.mailbox) == ["eve@example.com"])
    }

    func listsByEveryState() throws {
        for number in 1...5 { try enqueue(try .sample(number, to: ["a@example.net"])) }
        try change(.hold(reason: "Look at it"), .init(ids: [.sample(5)]))
        try store.transaction { try $0.mark(.sample(4), damage: .bodyMissing(path: "/gone")) }
        let claims = try claim(at: .after(9), limit: 3)
        try settle(claims[0], [.failed(reason: "5.1.1 no such mailbox")])
        try settle(claims[1], [.deferred(until: .after(60), reason: "4.2.0 Later")])
        #expect(try ids { $0.state = .failed } == [1])
        #expect(try ids { $0.state = .waiting } == [2])
        #expect(try ids { $0.state = .underWay } == [3])
        #expect(try ids { $0.state = .damaged } == [4])
        #expect(try ids { $0.state = .held } == [5])
        #expect(try ids { $0.reason = "later" } == [2])
        #expect(try ids { $0.reason = "NO SUCH" } == [1])
        #expect(try ids { $0.reason = "look" } == [5])
        #expect(try ids { $0.reason = "/gone" } == [4])
        #expect(
            try store.counts() == QueueCounts(messages: 5, waiting: 1, claimed: 1, failed: 1, damaged: 1, held: 1))
    }

    func listsPageByPage() throws {
        for number in 1...25 { try enqueue(try .sample(number)) }
        // With holes between them.
        try change(.remove, .init(ids: [3, 7, 8].map(QueueID.sample)))
        var found: [QueueID] = []
        var cursor: QueueCursor?
        var pages = 0
        repeat {
            let page = try store.list(QueueFilter(), after: cursor, limit: 10, recipientLimit: 1)
            #expect(page.entries.count <= 10)
            found += page.entries.map(\.id)
            cursor = page.next
            pages += 1
        } while cursor != nil
        #expect(found == (1...25).filter { ![3, 7, 8].contains($0) }.map(QueueID.sample))
        #expect(pages == 3)
        let written = try #require(
            try store.list(QueueFilter(), after: nil, limit: 5, recipientLimit: 1).next.map { "\($0)" })
        let page = try store.list(QueueFilter(), after: QueueCursor(written), limit: 1, recipientLimit: 1)
        #expect(page.entries.map(\.id) == [.sample(9)])
    }

    func listsALimitOfRecipients() throws {
        try enqueue(try .sample(1, to: (1...30).map { "r\($0)@example.net" }))
        try enqueue(try .sample(2, to: (1...20).map { "r\($0)@example.net" }))
        let page = try store.list(QueueFilter(), after: nil, limit: 10, recipientLimit: 20)
        #expect(page.entries.map(\.recipients.count) == [20, 20])
        #expect(page.entries.map(\.hasMoreRecipients) == [true, false])
    }

    func retries() throws {
        try enqueue(try .sample(1, to: ["a@example.net", "b@example.net"]))
        try settle(
            try #require(try claim(at: .after(1)).first),
            [.deferred(until: .after(600), reason: "4.2.0"), .failed(reason: "5.1.1")])
        #expect(try claim(at: .after(9)).isEmpty)
        let step = try change(.retry, .init(ids: [.sample(1)]), at: .after(9))
        #expect(step.report.recipients == 2)
        #expect(step.due == 2)
        let claim = try #require(try claim(at: .after(9)).first)
        #expect(claim.recipients.map(\.attempt) == [2, 2])
    }

    func holdsAndReleases() throws {
        try enqueue(try .sample(1))
        #expect(try change(.hold(reason: "asked by carol"), .init(ids: [.sample(1)])).report.recipients == 1)
        #expect(try claim(at: .after(99)).isEmpty)
        #expect(try list().first?.recipients.map(\.hold) == ["asked by carol"])
        // Only its release lets it go.
        #expect(try change(.retry, .init(ids: [.sample(1)])).report.unaffected == 1)
        #expect(try change(.hold(reason: "again"), .init(ids: [.sample(1)])).report.unaffected == 1)
        let step = try change(.release, .init(ids: [.sample(1)]), at: .after(99))
        #expect(step.report.messages == 1)
        #expect(step.due == 1)
        #expect(try change(.release, .init(ids: [.sample(1)])).report.unaffected == 1)
        #expect(try claim(at: .after(99)).count == 1)
        #expect(try list().first?.recipients.map(\.hold) == [nil])
    }

    func removes() throws {
        try enqueue(try .sample(1, body: try bodies.body(largeOctets(), for: .sample(1))))
        try enqueue(try .sample(2))
        let step = try change(.remove, QueueFilter())
        #expect(step.report.removedMessages == 2)
        #expect(step.report.recipients == 2)
        #expect(step.filedBodies == [.sample(1)])
        #expect(step.next == nil)
        #expect(try store.counts() == QueueCounts())
        #expect(try store.filedBodies().isEmpty)
        #expect(try store.oldest() == nil)
    }

    func removesSomeRecipients() throws {
        try enqueue(try .sample(1, to: ["a@example.net", "b@example.com", "c@example.net"]))
        var filter = QueueFilter()
        filter.destination = try address("x@example.net").host
        let step = try change(.remove, filter)
        #expect(step.report.recipients == 2)
        #expect(step.report.removedMessages == 0)
        #expect(try claim(at: .after(9)).first?.recipients.map(\.mailbox.localPart) == ["b"])
    }

    /// A delivery that runs has its say, whatever an operator does meanwhile.
    func neverTouchesAClaim() throws {
        try enqueue(try .sample(1))
        let claim = try #require(try claim(at: .after(1)).first)
        for change in [QueueChange.retry, .hold(reason: "x"), .release, .remove] {
            let report = try self.change(change, QueueFilter()).report
            #expect(report.underWay == 1)
            #expect(report.recipients == 0)
        }
        #expect(try settle(claim, [.delivered]) == .emptied(bodyIsFiled: false))
    }

    func changesStepByStep() throws {
        for number in 1...7 {
            try enqueue(try .sample(number, to: ["a@example.net", "b@example.net", "c@example.net"]))
        }
        var cursor: QueueCursor?
        var total = 0
        var steps = 0
        repeat {
            let step = try store.transaction {
                try $0.change(.hold(reason: "x"), of: QueueFilter(), after: cursor, limit: 4, at: .after(9))
            }
            #expect(step.report.recipients <= 4)
            total += step.report.recipients
            steps += 1
            cursor = step.next
        } while cursor != nil
        #expect(total == 21)
        #expect(steps == 6)
        #expect(try store.counts() == QueueCounts(messages: 7, held: 21))
    }

    func saysWhatIsUnknown() throws {
        try enqueue(try .sample(1))
        let step = try change(.hold(reason: "x"), .init(ids: [.sample(1), .sample(2)]))
        #expect(step.report.unknown == [.sample(2)])
        #expect(step.report.recipients == 1)
    }

    /// C16: text of a filter is a value, never part of a statement.
    func takesAnyTextInFilters() throws {
        let text = #"%_'); DROP TABLE message; -- "é"#
        try enqueue(try .sample(1, to: ["o'neil`--@example.net"]))
        #expect(try ids { $0.reason = text } == [])
        #expect(try ids { $0.recipient = try address("o'neil`--@example.net") } == [1])
        try change(.hold(reason: text), QueueFilter())
        #expect(try ids { $0.reason = text } == [1])
        #expect(try list().first?.recipients.first?.hold == text)
    }

    /// F11.
    func holdsWhatEndedTheProcess() throws {
        try enqueue(try .sample(1))
        for end in 1...5 {
            #expect(try claim(at: .after(9)).first?.recipients.map(\.attempt) == [end])
            #expect(
                try releaseClaims() == ReleasedClaims(recipients: end < 5 ? 1 : 0, held: end < 5 ? [] : [.sample(1)]))
        }
        #expect(try claim(at: .after(99)).isEmpty)
        #expect(try list { $0.state = .held }.first?.recipients.map(\.hold) == ["five ends"])
        // Once released it has five more.
        try change(.release, QueueFilter())
        _ = try claim(at: .after(99))
        #expect(try releaseClaims() == ReleasedClaims(recipients: 1))
    }

    /// F11: what shared two ends with others is tried one by one, so that one of them can be told from the rest.
    func triesSuspectsOneByOne() throws {
        for number in 1...3 { try enqueue(try .sample(number)) }
        for _ in 1...2 {
            #expect(try claim(at: .after(9)).count == 3)
            try releaseClaims(at: .after(100))
        }
        for number in 1...3 {
            let suspects = try claim(at: .after(100) + .milliseconds(250 * (number - 1)))
            #expect(suspects.map(\.message.id) == [.sample(number)])
        }
    }

    /// F11: before it is held for the next end it has a try without all others.
    func triesTheLastSuspectsAlone() throws {
        for number in 1...2 { try enqueue(try .sample(number)) }
        for end in 1...4 {
            #expect(try claim(at: .after(99)).count == 2)
            if end == 4 { try enqueue(try .sample(3)) }
            try releaseClaims(at: .after(90 + Int64(end)))
        }
        for number in 1...3 {
            let claims = try claim(at: .after(94) + .milliseconds(250 * (number - 1)))
            #expect(claims.map(\.message.id) == [.sample(number)])
        }
    }

    func forgetsEndsAfterAnOutcome() throws {
        try enqueue(try .sample(1))
        for _ in 1...3 {
            for _ in 1...4 {
                _ = try claim(at: .after(9))
                #expect(try releaseClaims().held.isEmpty)
            }
            let claim = try #require(try claim(at: .after(9)).first)
            try settle(claim, [.deferred(until: .after(9), reason: "4.2.0")])
        }
    }

    func probes() throws {
        for second in 1...2 { try store.transaction { try $0.probe(at: .after(Int64(second))) } }
        #expect(try store.counts() == QueueCounts())
        #expect(try list().isEmpty)
    }
}

extension StoreConformance {
    private func list(_ set: (inout QueueFilter) throws -> Void = { _ in }) throws -> [QueueEntry] {
        var filter = QueueFilter()
        try set(&filter)
        return try store.list(filter, after: nil, limit: 100, recipientLimit: 100).entries
    }

    /// The numbers of the messages that a filter names.
    private func ids(_ set: (inout QueueFilter) throws -> Void) throws -> [Int] {
        let numbers = Dictionary(uniqueKeysWithValues: (1...99).map { (QueueID.sample($0), $0) })
        return try list(set).compactMap { numbers[$0.id] }
    }

    @discardableResult
    private func change(
        _ change: QueueChange, _ filter: QueueFilter, at now: Timestamp = .after(9)
    ) throws -> QueueChangeStep {
        try store.transaction { try $0.change(change, of: filter, after: nil, limit: 1_000, at: now) }
    }

    private func address(_ text: String) throws -> Mailbox { try #require(Mailbox(text)) }
}
