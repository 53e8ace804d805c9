import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Scheduler")
struct SchedulerTests {
    private static let one = Destination(name: "one", limit: 2)
    private static let two = Destination(name: "two", limit: 2)
    /// Places of a lane: its limit, and four times as many behind it.
    private static let places = 10

    private func part(_ numbers: some Sequence<Int>, to destination: Destination = one) -> [Consignment] {
        numbers.map { Consignment(destination: destination, claim: .sample($0)) }
    }

    private func deliver(_ numbers: some Sequence<Int>, to destination: Destination = one) -> [Scheduler.Action] {
        part(numbers, to: destination).map(Scheduler.Action.deliver)
    }

    private func postpone(
        _ number: Int, to destination: Destination = one, until seconds: Int64, milliseconds: Int64 = 0
    ) -> Scheduler.Action {
        .postpone(part([number], to: destination)[0], until: .after(seconds) + .milliseconds(milliseconds))
    }

    /// A scheduler that has found an empty store.
    private func idle(limit: Int = 9, to destinations: [Destination] = [one]) -> Scheduler {
        var scheduler = Scheduler(limit: limit, to: destinations)
        #expect(scheduler.receive(.started, at: .after(0)) == [.claim(limit: Self.places)])
        #expect(scheduler.receive(.claimed([], nextDue: nil, wished: Self.places), at: .after(0)) == [])
        return scheduler
    }

    // MARK: Places

    @Test("at the start it claims what the store holds, as far as there are places")
    func start() {
        var scheduler = Scheduler(limit: 9, to: [Self.one])
        #expect(scheduler.receive(.started, at: .after(0)) == [.claim(limit: 10)])
        #expect(
            scheduler.receive(.claimed(part(1...10), nextDue: .after(0), wished: 10), at: .after(0)) == deliver(1...2))
        #expect(
            scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(1)) == deliver([3]) + [.claim(limit: 1)])
    }

    @Test("a commit brings its messages to delivery, within the places kept for it")
    func commit() {
        var scheduler = idle()
        #expect(scheduler.reserve(7) == 7)
        #expect(scheduler.reserve(7) == 3)
        #expect(scheduler.reserve(7) == 0)
        #expect(
            scheduler.receive(.committed(part(1...7), reserved: 7, unclaimed: 0), at: .after(1)) == deliver(1...2))
        #expect(scheduler.reserve(1) == 0)
        // The commit of the others has failed: their places are free again.
        #expect(scheduler.receive(.committed([], reserved: 3, unclaimed: 0), at: .after(1)) == [])
        #expect(scheduler.reserve(9) == 3)
    }

    @Test("what found no place is claimed when one is free, one wish at a time")
    func backlog() {
        var scheduler = idle()
        #expect(scheduler.reserve(12) == 10)
        #expect(
            scheduler.receive(.committed(part(1...10), reserved: 10, unclaimed: 2), at: .after(1)) == deliver(1...2))
        #expect(
            scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(1)) == deliver([3]) + [.claim(limit: 1)])
        #expect(scheduler.receive(.committed([], reserved: 0, unclaimed: 1), at: .after(1)) == [])
        #expect(scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(1)) == deliver([4]))
        #expect(
            scheduler.receive(.claimed(part([11]), nextDue: .after(1), wished: 1), at: .after(1)) == [.claim(limit: 1)])
    }

    @Test("never more than the destination's limit run, nor more than the limit of all")
    func limits() {
        var scheduler = idle(limit: 3, to: [Self.one, Self.two])
        // Where there are two, the first takes no more than it leaves free.
        #expect(
            scheduler.receive(
                .committed(part(1...4) + part(5...8, to: Self.two), reserved: scheduler.reserve(8), unclaimed: 0),
                at: .after(0)) == deliver([1]) + deliver([5], to: Self.two))
        #expect(scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(1)) == deliver([2]))
        var alone = idle(limit: 1)
        #expect(
            alone.receive(.committed(part(1...3), reserved: alone.reserve(3), unclaimed: 0), at: .after(0))
                == deliver([1]))
    }

    // MARK: Slow destinations

    @Test("F10: what is too much for one destination goes back to the store uncounted, and the other goes on")
    func postponed() {
        var scheduler = idle(to: [Self.one, Self.two])
        #expect(scheduler.reserve(99) == 10)
        #expect(
            scheduler.receive(.committed(part(1...10), reserved: 10, unclaimed: 0), at: .after(0)) == deliver(1...2))
        // The first lane is full; the other one has places, so there is still a claim for it.
        #expect(scheduler.reserve(99) == 10)
        let actions = scheduler.receive(
            .committed(part(11...12) + part([13], to: Self.two), reserved: 10, unclaimed: 0), at: .after(0))
        #expect(
            actions == [postpone(11, until: 1), postpone(12, until: 1, milliseconds: 10)]
                + deliver([13], to: Self.two))
        #expect(
            scheduler.receive(.returned(nextDue: .after(1)), at: .after(0)) == [.wake(timer: 1, at: .after(1))])
        #expect(scheduler.receive(.timerFired(1), at: .after(1)) == [.claim(limit: 9)])
    }

    @Test("the longer nothing has ended, the later it comes again: after a second at first, after a minute at last")
    func pauses() {
        var scheduler = idle(to: [Self.one, Self.two])
        _ = scheduler.receive(.committed(part(1...10), reserved: 0, unclaimed: 0), at: .after(0))
        for (now, due) in [(0, 1), (10, 20), (50, 100), (100, 160), (1_000, 1_060)] as [(Int64, Int64)] {
            #expect(
                scheduler.receive(.committed(part([11]), reserved: 0, unclaimed: 0), at: .after(now))
                    == [postpone(11, until: due)])
        }
        // One has ended: the destination is alive.
        #expect(scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(2_000)) == deliver([3]))
        _ = scheduler.receive(.committed(part([12]), reserved: 0, unclaimed: 0), at: .after(2_000))
        #expect(
            scheduler.receive(.committed(part([13]), reserved: 0, unclaimed: 0), at: .after(2_003))
                == [postpone(13, until: 2_006)])
    }

    @Test("F10: a long queue for a dead destination does not hold up a claim for the other one")
    func longQueue() {
        var scheduler = Scheduler(limit: 9, to: [Self.one, Self.two])
        var actions = scheduler.receive(.started, at: .after(0))
        var (delivered, claims, number) = (0, 0, 0)
        // The store gives a thousand messages for the dead one first, and then those for the other, each of which ends at
        // once.
        while case .claim(let limit)? = actions.last, claims < 1_000 {
            claims += 1
            let batch = (0..<limit).map { _ -> Consignment in
                number += 1
                return part([number], to: number <= 1_000 ? Self.one : Self.two)[0]
            }
            actions = scheduler.receive(.claimed(batch, nextDue: .after(0), wished: limit), at: .after(0))
            var queue = actions
            while let action = queue.first {
                queue.removeFirst()
                switch action {
                case .deliver(let consignment) where consignment.destination == Self.two:
                    delivered += 1
                    queue += scheduler.receive(.settled(Self.two, nextDue: nil), at: .after(0))
                case .postpone(_, let until):
                    queue += scheduler.receive(.returned(nextDue: until), at: .after(0))
                case .claim: actions = [action]
                case .deliver, .wake, .finish: break
                }
            }
            if delivered >= 100 { break }
        }
        #expect(delivered >= 100)
        #expect(claims < 150)
    }

    @Test("destinations that hang leave a place for one that comes later, however many there are")
    func manyDead() {
        let destinations = (1...9).map { Destination(name: "\($0)", limit: 20) }
        var scheduler = Scheduler(limit: 100, to: destinations)
        for (number, destination) in destinations.enumerated() {
            let actions = scheduler.receive(
                .committed(part(0..<50, to: destination), reserved: 0, unclaimed: 0), at: .after(0))
            let begun = actions.count { if case .deliver = $0 { true } else { false } }
            #expect((number < 4 ? 20...20 : 1...10).contains(begun), "the \(number + 1)th began \(begun)")
        }
    }

    // MARK: Time

    @Test("a deferred recipient is claimed when it is due, not before")
    func deferral() {
        var scheduler = idle()
        _ = scheduler.receive(.committed(part([1]), reserved: 0, unclaimed: 0), at: .after(0))
        #expect(
            scheduler.receive(.settled(Self.one, nextDue: .after(60)), at: .after(1))
                == [.wake(timer: 1, at: .after(60))])
        // Woken early, as when the clock was set back.
        #expect(scheduler.receive(.timerFired(1), at: .after(59)) == [.wake(timer: 2, at: .after(60))])
        #expect(scheduler.receive(.timerFired(1), at: .after(60)) == [])
        #expect(scheduler.receive(.timerFired(2), at: .after(60)) == [.claim(limit: 10)])
        #expect(
            scheduler.receive(.claimed(part([1]), nextDue: .after(99), wished: 10), at: .after(60))
                == deliver([1]) + [.wake(timer: 3, at: .after(99))])
    }

    @Test("the earliest time counts: an earlier one sets a new timer, a later one none")
    func earliest() {
        var scheduler = idle()
        _ = scheduler.receive(.committed(part(1...3), reserved: 0, unclaimed: 0), at: .after(0))
        func settle(_ due: Int64) -> [Scheduler.Action] {
            scheduler.receive(.settled(Self.one, nextDue: .after(due)), at: .after(1))
        }
        #expect(settle(60) == deliver([3]) + [.wake(timer: 1, at: .after(60))])
        #expect(settle(90) == [])
        #expect(settle(30) == [.wake(timer: 2, at: .after(30))])
        #expect(scheduler.receive(.timerFired(1), at: .after(30)) == [])
        #expect(scheduler.receive(.timerFired(2), at: .after(30)) == [.claim(limit: 10)])
    }

    @Test("while a claim is under way no timer is set: its answer says which time is the earliest")
    func timerDuringClaim() {
        var scheduler = Scheduler(limit: 9, to: [Self.one])
        #expect(scheduler.receive(.started, at: .after(0)) == [.claim(limit: 10)])
        #expect(scheduler.receive(.returned(nextDue: .after(60)), at: .after(0)) == [])
        #expect(
            scheduler.receive(.claimed([], nextDue: .after(1), wished: 10), at: .after(0))
                == [.wake(timer: 1, at: .after(1))])
    }

    @Test("a claim that fails gives its places back and is tried again after a while")
    func claimFailure() {
        var scheduler = Scheduler(limit: 9, to: [Self.one])
        _ = scheduler.receive(.started, at: .after(0))
        #expect(scheduler.reserve(1) == 0)
        #expect(
            scheduler.receive(.claimFailed(wished: 10), at: .after(0)) == [.wake(timer: 1, at: .after(60))])
        #expect(scheduler.reserve(99) == 10)
    }

    // MARK: Other routes

    @Test(
        "F10: after a change of the routes what waits for an old one goes the new ways, and what runs comes to its end")
    func rerouted() {
        var scheduler = idle()
        _ = scheduler.receive(.committed(part(1...3), reserved: 0, unclaimed: 0), at: .after(0))
        #expect(scheduler.receive(.rerouted([Self.two]), at: .after(0)) == [postpone(3, until: 0)])
        #expect(scheduler.receive(.returned(nextDue: .after(0)), at: .after(0)).count == 1, "it is claimed anew")
        #expect(
            scheduler.receive(
                .committed(part([4]) + part([5], to: Self.two), reserved: 0, unclaimed: 0), at: .after(0))
                == [postpone(4, until: 1)] + deliver([5], to: Self.two))
        _ = scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(1))
        _ = scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(1))
        #expect(
            scheduler.receive(.committed(part([6]), reserved: 0, unclaimed: 0), at: .after(2))
                == [postpone(6, until: 2)], "its lane is gone")
        #expect(scheduler.receive(.rerouted([Self.one, Self.two]), at: .after(2)) == [])
        #expect(
            scheduler.receive(.committed(part([6]), reserved: 0, unclaimed: 0), at: .after(2)) == deliver([6]))
    }

    // MARK: The end

    @Test("after the stop what waits goes back to the store, and it finishes once, when all that runs is settled")
    func stop() {
        var scheduler = idle()
        _ = scheduler.receive(.committed(part(1...3), reserved: 0, unclaimed: 0), at: .after(0))
        #expect(scheduler.reserve(1) == 1)
        #expect(scheduler.receive(.stopped, at: .after(1)) == [postpone(3, until: 1)])
        #expect(scheduler.isStopping)
        #expect(scheduler.reserve(1) == 0)
        // The commit that was under way at the stop has claimed its message for us.
        #expect(
            scheduler.receive(.committed(part([4]), reserved: 1, unclaimed: 5), at: .after(1))
                == [postpone(4, until: 1)])
        #expect(scheduler.receive(.settled(Self.one, nextDue: .after(0)), at: .after(2)) == [])
        #expect(scheduler.receive(.returned(nextDue: .after(1)), at: .after(2)) == [])
        #expect(scheduler.receive(.settled(Self.one, nextDue: nil), at: .after(3)) == [])
        #expect(scheduler.receive(.returned(nextDue: nil), at: .after(3)) == [.finish])
        #expect(scheduler.receive(.stopped, at: .after(4)) == [])
        #expect(scheduler.receive(.timerFired(1), at: .after(99)) == [])
    }

    @Test("a stop with nothing under way finishes at once, one during a claim waits for its answer")
    func stopWhenIdle() {
        var scheduler = idle()
        #expect(scheduler.receive(.stopped, at: .after(1)) == [.finish])
        var claiming = Scheduler(limit: 1, to: [Self.one])
        _ = claiming.receive(.started, at: .after(0))
        #expect(claiming.receive(.stopped, at: .after(1)) == [])
        #expect(claiming.receive(.claimed([], nextDue: nil, wished: 10), at: .after(1)) == [.finish])
    }

    @Test("the retry schedule grows and then stays")
    func schedule() {
        let delays = (0...6).map { RetrySchedule.standard.delay(afterAttempt: $0) }
        #expect(delays == [60, 60, 300, 900, 1800, 1800, 1800].map { .seconds($0) })
    }
}
