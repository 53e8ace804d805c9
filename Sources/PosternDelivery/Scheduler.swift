import PosternMail
import PosternQueue

/// Decides when which consignments are claimed and delivered. Pure: it knows neither clock nor store.
///
/// Each destination has a lane. At most as many of its deliveries run as its limit says, some wait behind them, and what
/// finds no place goes back to the store for a while: a destination that is slow or dead fills its own lane and no other
/// (F10).
struct Scheduler {
    enum Event: Hashable {
        case started
        /// There are other destinations now.
        case rerouted([Destination])
        /// A commit, which took `reserved` places, brought these and left `unclaimed` messages in the store.
        case committed([Consignment], reserved: Int, unclaimed: Int)
        /// The answer to `claim`; when the earliest of what still waits in the store is due.
        case claimed([Consignment], nextDue: Timestamp?, wished: Int)
        case claimFailed(wished: Int)
        /// A delivery is over; the earliest time at which one of its recipients is to be tried again.
        case settled(Destination, nextDue: Timestamp?)
        /// What was postponed is in the store again, and due at that time; nil if nobody knows.
        case returned(nextDue: Timestamp?)
        case timerFired(Int)
        case stopped
    }

    enum Action: Hashable {
        /// Claim up to so many messages that are due.
        case claim(limit: Int)
        case deliver(Consignment)
        /// Give it back to the store, due at that time.
        case postpone(Consignment, until: Timestamp)
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

    /// Deliveries at once, to all destinations.
    let limit: Int
    private var phase = Phase.running
    private var lanes: [Destination: Lane]
    /// The lanes in the order in which they are looked at for the next delivery: whoever got one goes to the end.
    private var order: [Destination]
    private var running = 0
    /// Consignments on their way back to the store.
    private var returning = 0
    /// Messages that a commit or a claim may bring.
    private var reserved = 0
    private var isClaiming = false
    /// When something in the store is, or may be, due; nil if nothing is known to wait.
    private var nextDue: Timestamp?
    private var timer: (number: Int, moment: Timestamp)?
    private var timerCount = 0

    init(limit: Int, to destinations: [Destination]) {
        self.limit = max(1, limit)
        order = destinations
        lanes = Dictionary(uniqueKeysWithValues: destinations.map { ($0, Lane($0)) })
    }

    var isStopping: Bool { phase != .running }

    /// How many messages have a place, if they are all for the destination that has most.
    private var free: Int { max(0, (lanes.values.lazy.map(\.free).max() ?? 0) - reserved) }

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
        case .rerouted(let destinations):
            actions = reroute(to: destinations, at: now)
        case .committed(let consignments, let places, let unclaimed):
            reserved -= places
            actions = take(consignments, at: now)
            if unclaimed > 0 { expect(now) }
        case .claimed(let consignments, let due, let places):
            reserved -= places
            isClaiming = false
            actions = take(consignments, at: now)
            if let due { expect(due) }
        case .claimFailed(let places):
            reserved -= places
            isClaiming = false
            expect(now + Self.pauseAfterFailure)
        case .settled(let destination, let due):
            running -= 1
            lanes[destination]?.end(at: now)
            if let due { expect(due) }
        case .returned(let due):
            returning -= 1
            if let due { expect(due) }
        case .timerFired(let number):
            guard number == timer?.number else { return [] }
            timer = nil
        case .stopped:
            if phase == .running { phase = .stopping }
            actions = empty(order, at: now)
        }
        return actions + begin(at: now) + next(at: now)
    }

    private static let pauseAfterFailure = Duration.seconds(60)

    // MARK: Lanes

    private mutating func reroute(to destinations: [Destination], at now: Timestamp) -> [Action] {
        for destination in destinations {
            if lanes[destination] == nil { order.append(destination) }
            lanes[destination, default: Lane(destination)].open()
        }
        // What runs ends there; what waits need not, for what runs may hang, and asks for its way anew.
        let closed = order.filter { !destinations.contains($0) }
        for destination in closed { lanes[destination]?.close() }
        let actions = empty(closed, at: now)
        removeClosedLanes()
        return actions
    }

    private mutating func removeClosedLanes() {
        order.removeAll { lanes[$0]?.isOver ?? true }
        lanes = lanes.filter { !$0.value.isOver }
    }

    private mutating func take(_ consignments: [Consignment], at now: Timestamp) -> [Action] {
        consignments.compactMap { consignment in
            guard phase == .running, lanes[consignment.destination] != nil else {
                return postpone(consignment, until: now)
            }
            return lanes[consignment.destination]?.add(consignment, at: now).map { postpone(consignment, until: $0) }
        }
    }

    private mutating func postpone(_ consignment: Consignment, until moment: Timestamp) -> Action {
        returning += 1
        return .postpone(consignment, until: moment)
    }

    private mutating func empty(_ destinations: [Destination], at now: Timestamp) -> [Action] {
        destinations.flatMap { lanes[$0]?.empty() ?? [] }.map { postpone($0, until: now) }
    }

    /// Begins what may begin, a consignment of each lane in turn.
    private mutating func begin(at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        while let place = order.firstIndex(where: { mayBegin(in: $0) }) {
            let destination = order.remove(at: place)
            order.append(destination)
            guard let consignment = lanes[destination]?.begin(at: now) else { break }
            running += 1
            actions.append(.deliver(consignment))
        }
        removeClosedLanes()
        return actions
    }

    /// Where there are several lanes none takes more than it leaves free, so that there is a place for each of the others
    /// however many of them hang.
    private func mayBegin(in destination: Destination) -> Bool {
        guard let lane = lanes[destination], lane.isReady else { return false }
        let free = limit - running
        return free > 0 && (lanes.count == 1 || lane.running < free)
    }

    // MARK: The store

    private mutating func expect(_ due: Timestamp) {
        nextDue = min(nextDue ?? due, due)
    }

    private mutating func next(at now: Timestamp) -> [Action] {
        switch phase {
        case .finished:
            return []
        case .stopping:
            guard running == 0, reserved == 0, returning == 0 else { return [] }
            phase = .finished
            return [.finish]
        case .running:
            // The answer to a claim may name an earlier time. A timer set before it comes would sleep on in vain, and with
            // a long queue for a dead destination thousands of them.
            guard !isClaiming, let due = nextDue else { return [] }
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

/// The deliveries to one destination.
private struct Lane {
    /// How soon what found no place comes back: the longer, the longer nothing has ended.
    private static let pauses = Duration.seconds(1) ... .seconds(60)
    /// Between two that come back, so that a long queue for a dead destination is not claimed again and again all at
    /// once.
    private static let spacing = Duration.milliseconds(10)

    let limit: Int
    let backlog: Int
    private(set) var running = 0
    private var waiting: [Consignment] = []
    /// When a delivery ended, or the first of them began.
    private var progress: Timestamp?
    /// For when the last consignment was postponed.
    private var lastPostponed: Timestamp?
    private var isClosed = false

    init(_ destination: Destination) {
        limit = destination.limit
        backlog = destination.backlog
    }

    /// Places for consignments; none in a lane that ends.
    var free: Int { isClosed ? 0 : max(0, limit + backlog - running - waiting.count) }
    /// Whether the destination takes another of those that wait.
    var isReady: Bool { !waiting.isEmpty && running < limit }
    var isOver: Bool { isClosed && running == 0 && waiting.isEmpty }

    mutating func open() { isClosed = false }
    mutating func close() { isClosed = true }

    /// - Returns: nil if it has a place; otherwise when it is to come again.
    mutating func add(_ consignment: Consignment, at now: Timestamp) -> Timestamp? {
        if free > 0 {
            waiting.append(consignment)
            return nil
        }
        let pause = min(max(now - (progress ?? now), Self.pauses.lowerBound), Self.pauses.upperBound)
        let moment = max(now + pause, lastPostponed.map { $0 + Self.spacing } ?? now)
        lastPostponed = moment
        return moment
    }

    mutating func begin(at now: Timestamp) -> Consignment? {
        guard isReady else { return nil }
        if running == 0 { progress = now }
        running += 1
        return waiting.removeFirst()
    }

    mutating func end(at now: Timestamp) {
        running -= 1
        progress = now
    }

    mutating func empty() -> [Consignment] {
        defer { waiting = [] }
        return waiting
    }
}
