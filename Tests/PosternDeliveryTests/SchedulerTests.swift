import PosternMail
import PosternQueue
import Testing

@testable import PosternDelivery

@Suite("Scheduler")
struct SchedulerTests {
    private func batch(_ numbers: [Int], nextDue: Timestamp? = nil) -> ClaimedBatch {
        ClaimedBatch(claims: numbers.map { .sample($0) }, nextDue: nextDue)
    }

    /// A scheduler that has found an empty store.
    private func idle(limit: Int = 3) -> Scheduler {
        var scheduler = Scheduler(limit: limit)
        #expect(scheduler.receive(.started, at: .after(0)) == [.claim(limit: limit)])
        #expect(scheduler.receive(.claimed(batch([]), wished: limit), at: .after(0)) == [])
        return scheduler
    }

    @Test("at the start it claims what the store holds, as far as there are places")
    func start() {
        var scheduler = Scheduler(limit: 2)
        #expect(scheduler.receive(.started, at: .after(0)) == [.claim(limit: 2)])
        #expect(
            scheduler.receive(.claimed(batch([1, 2], nextDue: .after(0)), wished: 2), at: .after(0))
                == [.deliver(.sample(1)), .deliver(.sample(2))])
        #expect(scheduler.receive(.settled(nextDue: nil), at: .after(1)) == [.claim(limit: 1)])
    }

    @Test("a commit brings its messages to delivery, within the places kept for it")
    func commit() {
        var scheduler = idle()
        #expect(scheduler.reserve(2) == 2)
        #expect(scheduler.reserve(2) == 1)
        #expect(scheduler.reserve(2) == 0)
        #expect(
            scheduler.receive(.committed([.sample(1), .sample(2)], reserved: 2, unclaimed: 0), at: .after(1))
                == [.deliver(.sample(1)), .deliver(.sample(2))])
        #expect(scheduler.reserve(1) == 0)
        // The commit of the third has failed: its place is free again.
        #expect(scheduler.receive(.committed([], reserved: 1, unclaimed: 0), at: .after(1)) == [])
        #expect(scheduler.reserve(9) == 1)
    }

    @Test("what found no place is claimed when one is free, one wish at a time")
    func backlog() {
        var scheduler = idle(limit: 1)
        #expect(scheduler.reserve(3) == 1)
        #expect(
            scheduler.receive(.committed([.sample(1)], reserved: 1, unclaimed: 2), at: .after(1))
                == [.deliver(.sample(1))])
        #expect(scheduler.receive(.settled(nextDue: nil), at: .after(1)) == [.claim(limit: 1)])
        #expect(scheduler.receive(.committed([], reserved: 0, unclaimed: 1), at: .after(1)) == [])
        #expect(
            scheduler.receive(.claimed(batch([2], nextDue: .after(1)), wished: 1), at: .after(1))
                == [.deliver(.sample(2))])
        #expect(scheduler.receive(.settled(nextDue: nil), at: .after(1)) == [.claim(limit: 1)])
    }

    @Test("a deferred recipient is claimed when it is due, not before")
    func deferral() {
        var scheduler = idle()
        #expect(scheduler.reserve(1) == 1)
        _ = scheduler.receive(.committed([.sample(1)], reserved: 1, unclaimed: 0), at: .after(0))
        #expect(
            scheduler.receive(.settled(nextDue: .after(60)), at: .after(1)) == [.wake(timer: 1, at: .after(60))])
        // Woken early, as when the clock was set back.
        #expect(scheduler.receive(.timerFired(1), at: .after(59)) == [.wake(timer: 2, at: .after(60))])
        #expect(scheduler.receive(.timerFired(1), at: .after(60)) == [])
        #expect(scheduler.receive(.timerFired(2), at: .after(60)) == [.claim(limit: 3)])
        #expect(
            scheduler.receive(.claimed(batch([1], nextDue: .after(99)), wished: 3), at: .after(60))
                == [.deliver(.sample(1)), .wake(timer: 3, at: .after(99))])
    }

    @Test("the earliest time counts: an earlier one sets a new timer, a later one none")
    func earliest() {
        var scheduler = idle()
        _ = scheduler.reserve(3)
        _ = scheduler.receive(
            .committed([.sample(1), .sample(2), .sample(3)], reserved: 3, unclaimed: 0), at: .after(0))
        #expect(scheduler.receive(.settled(nextDue: .after(60)), at: .after(1)) == [.wake(timer: 1, at: .after(60))])
        #expect(scheduler.receive(.settled(nextDue: .after(90)), at: .after(1)) == [])
        #expect(scheduler.receive(.settled(nextDue: .after(30)), at: .after(1)) == [.wake(timer: 2, at: .after(30))])
        #expect(scheduler.receive(.timerFired(1), at: .after(30)) == [])
        #expect(scheduler.receive(.timerFired(2), at: .after(30)) == [.claim(limit: 3)])
    }

    @Test("a claim that fails gives its places back and is tried again after a while")
    func claimFailure() {
        var scheduler = Scheduler(limit: 3)
        _ = scheduler.receive(.started, at: .after(0))
        #expect(scheduler.reserve(1) == 0)
        #expect(
            scheduler.receive(.claimFailed(wished: 3), at: .after(0)) == [.wake(timer: 1, at: .after(60))])
        #expect(scheduler.reserve(9) == 3)
    }

    @Test("after the stop nothing new is claimed, and it finishes once, when all that runs is settled")
    func stop() {
        var scheduler = idle()
        #expect(scheduler.reserve(2) == 2)
        _ = scheduler.receive(.committed([.sample(1)], reserved: 1, unclaimed: 0), at: .after(0))
        #expect(scheduler.receive(.stopped, at: .after(1)) == [])
        #expect(scheduler.isStopping)
        #expect(scheduler.reserve(1) == 0)
        // The commit that was under way at the stop has claimed its message for us: it is delivered.
        #expect(
            scheduler.receive(.committed([.sample(2)], reserved: 1, unclaimed: 5), at: .after(1))
                == [.deliver(.sample(2))])
        #expect(scheduler.receive(.settled(nextDue: .after(0)), at: .after(2)) == [])
        #expect(scheduler.receive(.settled(nextDue: nil), at: .after(3)) == [.finish])
        #expect(scheduler.receive(.stopped, at: .after(4)) == [])
        #expect(scheduler.receive(.timerFired(1), at: .after(99)) == [])
    }

    @Test("a stop with nothing under way finishes at once, one during a claim waits for its answer")
    func stopWhenIdle() {
        var scheduler = idle()
        #expect(scheduler.receive(.stopped, at: .after(1)) == [.finish])
        var claiming = Scheduler(limit: 1)
        _ = claiming.receive(.started, at: .after(0))
        #expect(claiming.receive(.stopped, at: .after(1)) == [])
        #expect(claiming.receive(.claimed(batch([]), wished: 1), at: .after(1)) == [.finish])
    }

    @Test("the retry schedule grows and then stays")
    func schedule() {
        let delays = (0...6).map { RetrySchedule.standard.delay(afterAttempt: $0) }
        #expect(delays == [60, 60, 300, 900, 1800, 1800, 1800].map { .seconds($0) })
    }
}
