public import PosternIdentity
public import PosternSubmission
import Synchronization

/// All that a reload replaces at once: who the clients are, what the listeners go by, and the server's own certificate.
public final class Generation: Sendable {
    public let snapshot: Snapshot
    /// By the listeners' places in the server's list.
    public let settings: [Settings]
    public let tls: ServerTLS

    public init(snapshot: Snapshot, settings: [Settings], tls: ServerTLS) {
        self.snapshot = snapshot
        self.settings = settings
        self.tls = tls
    }
}

/// The generation in force. Sessions read it at each event, so all of them see a new one at their next.
public final class CurrentGeneration: Sendable {
    private let generation: Mutex<Generation>

    public init(_ generation: Generation) {
        self.generation = Mutex(generation)
    }

    public var value: Generation {
        generation.withLock { $0 }
    }

    /// Puts another generation in force, all of it at once.
    public func replace(_ next: Generation) {
        generation.withLock { $0 = next }
    }
}
