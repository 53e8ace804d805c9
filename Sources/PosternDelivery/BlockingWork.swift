import Dispatch

/// Runs calls that wait for a disk on threads of their own, so that they hold up no task.
enum BlockingWork {
    private static let queue = DispatchQueue(label: "blocking deliveries", attributes: .concurrent)

    static func run<Answer: Sendable>(_ work: @escaping @Sendable () -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
