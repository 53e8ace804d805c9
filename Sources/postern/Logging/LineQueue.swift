import Dispatch
import Foundation
import Glibc
import Synchronization

/// Lines on their way to a descriptor, written by a thread of its own: whoever logs never waits for the reader of the
/// log, which may stall, or for its disk, which may be full.
///
/// What waits is bounded. A line beyond that is dropped and counted, and the first line after it says how many.
final class LineQueue: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        /// Lines dropped since the last one that was taken.
        var dropped = 0
        var isWriting = false
        /// Those who wait until everything is written.
        var flushing: [DispatchSemaphore] = []
    }

    private let descriptor: Int32
    private let capacity: Int
    private let droppedLine: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    /// Signalled when there is something to write after there was nothing.
    private let wake = DispatchSemaphore(value: 0)
    /// How long the first line waits for others, so that one call of the system takes them all: a thread that wakes for
    /// each line takes a tenth of the processor's time, and the lock from those who log (measured).
    private static let patience = UInt32(2_000)

    /// - Parameters:
    ///   - capacity: octets that may wait.
    ///   - droppedLine: the line that says how many were dropped, without its line feed.
    init(
        descriptor: Int32, capacity: Int = 4 * 1_024 * 1_024, droppedLine: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.droppedLine = droppedLine
        let thread = Thread { [self] in writeForEver() }
        thread.name = "log"
        thread.start()
    }

    /// Takes a line, without its line feed, or drops it. Never blocks.
    func append(_ line: [UInt8]) {
        state.withLock { state in
            guard state.waiting.count + line.count < capacity else { return state.dropped += 1 }
            let wakes = state.waiting.isEmpty
            if state.dropped > 0 {
                state.waiting.append(line: droppedLine(state.dropped))
                state.dropped = 0
            }
            state.waiting.append(line: line)
            if wakes { wake.signal() }
        }
    }

    /// Returns when everything that was taken is written, or after the time.
    /// - Returns: whether it is.
    @discardableResult
    func flush(within time: DispatchTimeInterval = .seconds(1)) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let isEmpty = state.withLock { state in
            if state.waiting.isEmpty, !state.isWriting { return true }
            state.flushing.append(done)
            return false
        }
        return isEmpty || done.wait(timeout: .now() + time) == .success
    }

    private func writeForEver() {
        var lines: [UInt8] = []
        lines.reserveCapacity(65_536)
        while true {
            wake.wait()
            usleep(Self.patience)
            state.withLock { state in
                // The buffers change places, so that neither grows anew.
                swap(&lines, &state.waiting)
                state.isWriting = true
            }
            let isWritten = DescriptorOutput(descriptor: descriptor).write(lines)
            let lost = isWritten ? 0 : lines.count { $0 == UInt8(ascii: "\n") }
            lines.removeAll(keepingCapacity: lines.capacity <= 1_024 * 1_024)
            let flushed = state.withLock { state -> [DispatchSemaphore] in
                state.dropped += lost
                state.isWriting = false
                guard state.waiting.isEmpty else { return [] }
                defer { state.flushing = [] }
                return state.flushing
            }
            for waiting in flushed { waiting.signal() }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(line: [UInt8]) {
        append(contentsOf: line)
        append(UInt8(ascii: "\n"))
    }
}
