import PosternMail
import PosternQueue

/// Decides when which messages are claimed and delivered. Pure: it knows neither clock nor store.
///
/// At most `limit` messages are under way. A place is taken by a running delivery, or kept for a message that a commit
/// or a claim may bring.
struct Scheduler {
    enum Event: Hashable {
        case started
        /// A commit, which took `reserved` places, brought these claims and left `unclaimed` messages in the store.
        case committed([Claim], reserved: Int, unclaimed: Int)
        /// The answer to `claim`.
        case claimed(ClaimedBatch, wished: Int)
        case claimFailed(wished: Int)
        /// A delivery is over; the earliest time at which one of its recipients is to be tried again.
        case settled(nextDue: Timestamp?)
        case timerFired(Int)
        case stopped
    }

    enum Action: Hashable {
        /// Claim up to so many messages that are due.
        case claim(limit: Int)
        case deliver(Claim)
        /// Send `timerFired` with the number, at the moment or earlier. Only the timer of the last number counts.
        case wake(timer: Int, at: Timestamp)
        /// Nothing is under way, nothing will be.
        case finish
    }

    private enum Phase {
        case running
        case stopping
        case finished
    }

    let limit: Int
    private var phase = Phase.running
    private var running = 0
    private var reserved = 0
    private var isClaiming = false
    /// When something in the store is, or may be, due; nil if nothing is known to wait.
    private var nextDue: Timestamp?
    private var timer: (number: Int, moment: Timestamp)?
    private var timerCount = 0

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var isStopping: Bool { phase != .running }

    private var free: Int { limit - running - reserved }

    /// Keeps places for messages about to be committed, which ends with the event `committed`.
    mutating func reserve(_ count: Int) -> Int {
        guard phase == .running else { return 0 }
        let granted = min(count, free)
        reserved += granted
        return granted
    }

    mutating func receive(_ event: Event, at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .started:
            expect(now)
        case .committed(let claims, let places, let unclaimed):
            reserved -= places
            actions = begin(claims)
            if unclaimed > 0 { expect(now) }
        case .claimed(let batch, let places):
            reserved -= places
            isClaiming = false
            actions = begin(batch.claims)
            if let due = batch.nextDue { expect(due) }
        case .claimFailed(let places):
            reserved -= places
            isClaiming = false
            expect(now + Self.pauseAfterFailure)
        case .settled(let due):
            running -= 1
            if let due { expect(due) }
        case .timerFired(let number):
            guard number == timer?.number else { return [] }
            timer = nil
        case .stopped:
            if phase == .running { phase = .stopping }
        }
        return actions + next(at: now)
    }

    private static let pauseAfterFailure = Duration.seconds(60)

    private mutating func begin(_ claims: [Claim]) -> [Action] {
        running += claims.count
        return claims.map(Action.deliver)
    }

    private mutating func expect(_ due: Timestamp) {
        nextDue = min(nextDue ?? due, due)
    }

    private mutating func next(at now: Timestamp) -> [Action] {
        switch phase {
        case .finished:
            return []
        case .stopping:
            guard running == 0, reserved == 0 else { return [] }
            phase = .finished
            return [.finish]
        case .running:
            guard let due = nextDue else { return [] }
            return due <= now ? claim() : wake(at: due)
        }
    }

    private mutating func claim() -> [Action] {
        let places = free
        guard places > 0, !isClaiming else { return [] }
        isClaiming = true
        reserved += places
        // The answer says what waits after it.
        nextDue = nil
        return [.claim(limit: places)]
    }

    private mutating func wake(at due: Timestamp) -> [Action] {
        if let timer, timer.moment <= due { return [] }
        timerCount += 1
        timer = (timerCount, due)
        return [.wake(timer: timerCount, at: due)]
    }
}
