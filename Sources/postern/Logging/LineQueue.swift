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

    private let write: @Sendable ([UInt8]) -> Bool
    private let capacity: Int
    private let droppedLine: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    private let lost = Atomic(0)
    /// Signalled when there is something to write after there was nothing.
    private let wake = DispatchSemaphore(value: 0)
    /// How long the first line waits for others, so that one call of the system takes them all: a thread that wakes for
    /// each line takes a tenth of the processor's time, and the lock from those who log (measured).
    private static let patience = UInt32(2_000)

    /// - Parameters:
    ///   - write: writes whole lines, and may block.
    ///   - capacity: octets that may wait.
    ///   - droppedLine: the line that says how many were dropped, without its line feed.
    init(
        capacity: Int = 4 * 1_024 * 1_024, write: @escaping @Sendable ([UInt8]) -> Bool,
        droppedLine: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.write = write
        self.capacity = capacity
        self.droppedLine = droppedLine
        let thread = Thread { [self] in writeForEver() }
        thread.name = "log"
        thread.start()
    }

    convenience init(
        descriptor: Int32, capacity: Int = 4 * 1_024 * 1_024, droppedLine: @escaping @Sendable (Int) -> [UInt8]
    ) {
        let output = DescriptorOutput(descriptor: descriptor)
        self.init(capacity: capacity, write: { output.write($0) }, droppedLine: droppedLine)
    }

    /// Lines lost since the start.
    var dropped: Int { lost.load(ordering: .relaxed) }

    /// Takes a line, without its line feed, or drops it. Never blocks.
    func append(_ line: [UInt8]) {
        state.withLock { state in
            guard state.waiting.count + line.count < capacity else {
                lost.add(1, ordering: .relaxed)
                state.dropped += 1
                return
            }
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
            let isWritten = write(lines)
            let unwritten = isWritten ? 0 : lines.count { $0 == UInt8(ascii: "\n") }
            if unwritten > 0 { lost.add(unwritten, ordering: .relaxed) }
            lines.removeAll(keepingCapacity: lines.capacity <= 1_024 * 1_024)
            let flushed = state.withLock { state -> [DispatchSemaphore] in
                state.dropped += unwritten
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
