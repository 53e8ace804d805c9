import NIOCore
import Synchronization

/// The connections that are open, to be told of the server's end.
final class OpenSessions: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let isDraining = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isDraining
        }
        if isDraining { channel.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
    }

    func remove(_ channel: any Channel) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.channels[ObjectIdentifier(channel)] = nil
            guard state.isDraining, state.channels.isEmpty else { return nil }
            defer { state.waiting = nil }
            return state.waiting
        }
        continuation?.resume()
    }

    /// Tells every session to end, and returns when all have.
    func drain() async {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.channels.isEmpty { return true }
                state.waiting = continuation
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// Closes what is still open. The session hears of it first, and does not take it for its client's doing.
    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(CutOffEvent())
            channel.close(promise: nil)
        }
    }
}

/// Sent down every channel that is still open when a drain has had its time.
struct CutOffEvent: Sendable {}
