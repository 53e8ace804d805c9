import Synchronization

/// Lets so many at a time have a connection. Whoever finds none waits, and is served in the order of coming; so many may
/// wait, for so long.
final class SubmissionPool: Sendable {
    /// Nobody is let in any more.
    struct Closed: Error {}
    /// Too many wait already, or the time to wait is over.
    struct Busy: Error {}

    private typealias Turn = CheckedContinuation<Void, any Error>

    private struct State {
        var free: Int
        var inside = 0
        var isClosed = false
        /// In the order of coming.
        var waiting: [(ticket: Int, turn: Turn)] = []
        var nextTicket = 0
        var drained: [Int: CheckedContinuation<Void, Never>] = [:]

        var isDrained: Bool { inside == 0 && waiting.isEmpty }

        mutating func ticket() -> Int {
            nextTicket += 1
            return nextTicket
        }
    }

    private let state: Mutex<State>
    private let waitingLimit: Int
    private let waitTime: Duration

    init(_ limits: PoolLimits) {
        state = Mutex(State(free: max(1, limits.connections)))
        waitingLimit = limits.waiting
        waitTime = limits.waitTime
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
    /// How many have a connection, and how many wait.
    var load: (inside: Int, waiting: Int) { state.withLock { ($0.inside, $0.waiting.count) } }

    /// - Throws: `Closed`, `Busy`, or `CancellationError` where the task was cancelled while it waited.
    func enter() async throws {
        if let answer = state.withLock({ entrance(&$0) }) { return try answer.get() }
        let ticket = state.withLock { $0.ticket() }
        let alarm = Task { [waitTime] in
            try await Task.sleep(for: waitTime)
            giveUp(ticket, Busy())
        }
        defer { alarm.cancel() }
        try await wait(ticket)
    }

    /// For one who has come, or comes back; nil where there is no connection to be had.
    private func entrance(_ state: inout State) -> Result<Void, any Error>? {
        if state.isClosed { return .failure(Closed()) }
        if Task.isCancelled { return .failure(CancellationError()) }
        guard state.free > 0 else { return state.waiting.count < waitingLimit ? nil : .failure(Busy()) }
        state.free -= 1
        state.inside += 1
        return .success(())
    }

    private func wait(_ ticket: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (turn: Turn) in
                let answer = state.withLock { state -> Result<Void, any Error>? in
                    if let answer = entrance(&state) { return answer }
                    // Whoever is cancelled from here on finds the ticket among those that wait.
                    state.waiting.append((ticket, turn))
                    return nil
                }
                if let answer { turn.resume(with: answer) }
            }
        } onCancel: {
            giveUp(ticket, CancellationError())
        }
    }

    /// Nothing where it waits no more.
    private func giveUp(_ ticket: Int, _ error: any Error) {
        let (turn, drained) = state.withLock { state -> (Turn?, [CheckedContinuation<Void, Never>]) in
            let index = state.waiting.firstIndex { $0.ticket == ticket }
            return (index.map { state.waiting.remove(at: $0).turn }, Self.drained(&state))
        }
        turn?.resume(throwing: error)
        for waiter in drained { waiter.resume() }
    }

    /// The connection goes to the one who waits longest.
    func leave() {
        let (next, drained) = state.withLock { state -> (Turn?, [CheckedContinuation<Void, Never>]) in
            guard state.waiting.isEmpty else { return (state.waiting.removeFirst().turn, []) }
            state.free += 1
            state.inside -= 1
            return (nil, Self.drained(&state))
        }
        next?.resume()
        for waiter in drained { waiter.resume() }
    }

    /// Lets nobody in any more, and returns when all who were there, or waited, have left; or when the task is cancelled.
    func close() async {
        let ticket = state.withLock { state in
            state.isClosed = true
            return state.ticket()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state -> Bool in
                    guard !state.isDrained, !Task.isCancelled else { return true }
                    state.drained[ticket] = waiter
                    return false
                }
                if isOver { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.drained.removeValue(forKey: ticket) }?.resume()
        }
    }

    private static func drained(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.isDrained else { return [] }
        defer { state.drained = [:] }
        return Array(state.drained.values)
    }
}
