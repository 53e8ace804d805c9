import PosternMail
import PosternQueue
import Synchronization

@testable import PosternDelivery

/// Two clocks that a test moves.
final class TestClock: Sendable {
    private struct Sleeper {
        let moment: Duration
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        // Later than every sample was received.
        var now = SteadyTime.Reading(wall: .after(100), monotonic: .seconds(100))
        var sleepers: [Sleeper] = []
    }

    private let state = Mutex(State())

    var source: ClockSource {
        ClockSource(
            read: { [self] in state.withLock { $0.now } },
            sleep: { [self] time in try await sleep(for: time) })
    }

    /// Whether somebody sleeps until then, by the wall clock before it jumped.
    func isAwaited(at moment: Timestamp) -> Bool {
        state.withLock { $0.sleepers.contains { $0.moment == moment - .after(0) } }
    }

    /// Lets time pass until the wall clock, which has not jumped, shows that.
    func advance(to moment: Timestamp) {
        pass(moment - state.withLock { $0.now.wall })
    }

    /// Lets time pass by both clocks.
    func pass(_ time: Duration) {
        let now = state.withLock { state in
            state.now.wall = state.now.wall + time
            state.now.monotonic += time
            return state.now.monotonic
        }
        wake { $0.moment <= now }
    }

    /// Sets the wall clock.
    func jump(by change: Duration) {
        state.withLock { $0.now.wall = $0.now.wall + change }
    }

    private func sleep(for time: Duration) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    // Looked at under the lock, so that a cancellation either is seen here or finds the sleeper.
                    guard !Task.isCancelled, time > .zero else { return false }
                    state.sleepers.append(Sleeper(moment: state.now.monotonic + time, continuation: continuation))
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            // Whoever else sleeps wakes too early, which a sleeper must bear.
            wake { _ in true }
        }
        try Task.checkCancellation()
    }

    private func wake(_ isAwake: (Sleeper) -> Bool) {
        let awake = state.withLock { state in
            let awake = state.sleepers.filter(isAwake)
            state.sleepers.removeAll(where: isAwake)
            return awake
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }
}
