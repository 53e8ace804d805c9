import NIOCore
import Synchronization

/// The connections that are open, to be told of the server's end, and what is still due to them: the queue's word on a
/// message counts even where the client has gone, since the log must know of it.
final class OpenSessions: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// Answers of the queue that are due.
        var answers = 0
        var isDraining = false
        var waiting: CheckedContinuation<Void, Never>?

        var isEmpty: Bool { channels.isEmpty && answers == 0 }

        /// Who is to be told that the last has ended.
        mutating func takeWaitingIfEmpty() -> CheckedContinuation<Void, Never>? {
            guard isEmpty else { return nil }
            defer { waiting = nil }
            return waiting
        }
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
        let continuation = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            return state.takeWaitingIfEmpty()
        }
        continuation?.resume()
    }

    /// An answer is due that `drain` has to wait for.
    func awaitAnswer() {
        state.withLock { $0.answers += 1 }
    }

    /// It has come, and what follows from it is done.
    func answered() {
        let continuation = state.withLock { state in
            state.answers -= 1
            return state.takeWaitingIfEmpty()
        }
        continuation?.resume()
    }

    /// Tells every session to end, and returns when all have, and no answer is due.
    func drain() async {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.isEmpty { return true }
                state.waiting = continuation
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// Tells every session that its time may be another now.
    func remind() {
        for channel in state.withLock({ Array($0.channels.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(ReminderEvent())
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

/// Sent down every channel when clients are granted less time than before.
struct ReminderEvent: Sendable {}
